/** Reads reports and key sets from files: untrusted JSON in, the shapes that a check relies on out. */
import type { Transforms } from '../../engine/contract.ts';
import { REPORT_TYPE, type Report, type ReportedOutput } from '../../lib/report.ts';
import { isPublicKey, keyId } from '../../lib/signature.ts';
import { readTransforms } from './read-transforms.ts';

type Members = Record<string, unknown>;

export interface ReadReport {
  report: Report;
  /** What was done to the original before it was encoded. */
  transforms: Transforms;
  /** All its members as they were, for the signature. */
  statement: Members;
}

/** @throws Error with a sentence when the text is no report, or is of a kind that this version cannot read. */
export function readReport(text: string): ReadReport {
  const statement = parseObject(text, 'It is not a report: it is not JSON.');
  if (statement.type !== REPORT_TYPE) {
    const kind = typeof statement.type === 'string' ? `, but of the type ${statement.type}` : '';
    throw new Error(`It is not a report of the type ${REPORT_TYPE}${kind}.`);
  }
  const transforms = readTransforms(statement.options);
  if (!isReport(statement) || !transforms)
    throw new Error('It is not a whole report: members are missing or misshapen.');
  return { report: statement as unknown as Report, transforms, statement };
}

/**
 * @param text a JWK set, as a server's `/.well-known/keeneye-keys.json`, or one JWK.
 * @returns the ids of its keys; those of other kinds are passed over.
 * @throws Error when there are none.
 */
export function readKeySet(text: string): Set<string> {
  const value = parseObject(text, 'It is not a key set: it is not JSON.');
  const keys = (Array.isArray(value.keys) ? value.keys : [value]).filter(isPublicKey);
  if (keys.length === 0) throw new Error('It holds no Ed25519 public key.');
  return new Set(keys.map(keyId));
}

function parseObject(text: string, complaint: string): Members {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch (error) {
    throw new Error(complaint, { cause: error });
  }
  throw new Error(complaint);
}

function isReport({ engine, floor, gate, input, outputs }: Members): boolean {
  return (
    isNullOr(isText, engine) &&
    isNullOr(isNumber, floor) &&
    (gate === 'smaller' || gate === 'any') &&
    isFile(input) &&
    Array.isArray(outputs) &&
    outputs.every(isOutput)
  );
}

function isOutput(value: unknown): value is ReportedOutput {
  if (!isFile(value) || !isObject(value)) return false;
  const { width, height, score, worstTile, quality } = value;
  return (
    [width, height, score].every(isNumber) &&
    isNullOr(isNumber, quality) &&
    isObject(worstTile) &&
    ['x', 'y', 'width', 'height', 'score'].every((name) => isNumber(worstTile[name])) &&
    isPlace(worstTile.image) &&
    isVisibility(value)
  );
}

/** Only documents have it. */
function isPlace(image: unknown): boolean {
  return image === undefined || (isObject(image) && isNullOr(isNumber, image.page) && isNumber(image.object));
}

/** All of it, or none: a report on an older result has none. */
function isVisibility({ iwssim, jnd, visibleProbability }: Members): boolean {
  if (jnd === undefined) return true;
  const isEstimate = isObject(jnd) && isNumber(jnd.value) && isNumber(jnd.spread);
  return isEstimate && isNullOr(isNumber, iwssim) && isNumber(visibleProbability);
}

function isFile(value: unknown): boolean {
  return isObject(value) && isNumber(value.bytes) && isText(value.sha256);
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isNullOr(is: (value: unknown) => boolean, value: unknown): boolean {
  return value === null || is(value);
}
