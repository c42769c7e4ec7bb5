/** Reads what a request of the administration says; what is not understood is refused by name. */
import { z } from 'zod';
import type { Request } from '../dialects/dialect.ts';
import { Problem } from '../lib/problem.ts';

/** Room for a thousand domains. */
const MOST_BODY_BYTES = 400_000;
const NOTHING = z.strictObject({});

/** @throws Problem `malformed-body` | `body-too-large` | `invalid-parameter`, naming the first member at fault */
export async function readJson<Schema extends z.ZodObject>(
  request: Request,
  schema: Schema,
): Promise<z.infer<Schema>> {
  if (Number(request.headers['content-length'] ?? 0) > MOST_BODY_BYTES) throw tooLarge();
  const bytes = await request.bytes();
  if (bytes.byteLength > MOST_BODY_BYTES) throw tooLarge();
  return check(schema, parse(bytes));
}

/** @throws Problem `invalid-parameter`, naming the first parameter at fault */
export function readQuery<Schema extends z.ZodObject>(
  { query }: Request,
  schema: Schema = NOTHING as unknown as Schema,
): z.infer<Schema> {
  const names = [...new Set(query.keys())];
  return check(schema, Object.fromEntries(names.map((name) => [name, query.getAll(name).join(',')])));
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (cause) {
    throw new Problem('malformed-body', 'The body is not JSON.', { cause });
  }
}

function check<Schema extends z.ZodObject>(schema: Schema, given: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(schema.shape).join(', ') || 'none';
    const parameter = issue.keys[0]!;
    throw new Problem('invalid-parameter', `There is no "${parameter}". Known: ${known}.`, { parameter });
  }
  if (issue.path.length === 0) throw new Problem('malformed-body', 'The body is not a JSON object.');
  const parameter = issue.path.join('.');
  throw new Problem('invalid-parameter', `${parameter} ${issue.message}.`, { parameter });
}

function tooLarge(): Problem {
  return new Problem('body-too-large', `The request body is larger than ${MOST_BODY_BYTES} bytes.`);
}
