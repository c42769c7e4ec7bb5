/**
 * Has the dialect by which a batch came in word what its callback says. When that is sent, and how often, is
 * `webhooks/`'s to say.
 */
import { findKey } from '../accounts/keys.ts';
import type { Dialect, Reply } from '../dialects/dialect.ts';
import { findBatch } from '../jobs/batches.ts';
import { createService, describeBatch, type ServiceParts } from './service.ts';

/** Of a callback, what its words depend on. */
interface ToWord {
  batchId: string;
  keyId: string;
  dialect: string;
  origin: string;
}

interface Wording {
  contentType: string;
  body: string;
}

/** The function it gives throws an Error with a sentence for the operator when there is nothing to be told any more. */
export function createWordCallback(
  dialects: Dialect[],
  parts: ServiceParts,
): (callback: ToWord) => Promise<Wording> {
  return async ({ batchId, keyId, dialect: name, origin }) => {
    const dialect = dialects.find((each) => each.name === name);
    if (!dialect?.callback) throw new Error(`There is no dialect ${name} here that words callbacks.`);
    const record = await findBatch(parts.database, batchId);
    const key = await findKey(parts.database, keyId);
    if (!record || !key) throw new Error('Images of the batch have expired before it could be told of.');
    const batch = await describeBatch(record, key, parts);
    return encode(await dialect.callback(batch, createService(parts, name), origin));
  };
}

/** The same types as replies get. */
function encode({ json, text, headers }: Reply): Wording {
  const body = text ?? JSON.stringify(json);
  const type = text === undefined ? 'application/json; charset=utf-8' : 'text/plain; charset=utf-8';
  return { contentType: headers?.['content-type'] ?? type, body };
}
