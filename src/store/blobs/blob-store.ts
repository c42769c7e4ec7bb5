/**
 * Where bytes live that the database only names. A key is the digest of the content in lower-case hex.
 * Drivers differ in place, not in behaviour: each passes the contract in `contract.test-support.ts`.
 * Which blobs are still needed is not known here.
 */

export interface BlobStore {
  /**
   * Stores `bytes` durably: once it resolves they survive a crash, and until then the key holds what it
   * held before. Writing a key again is allowed, from several places at once too: keys are made of the
   * content, so both wrote the same.
   * @throws Problem `unavailable` when there is no room, or whatever else keeps it from being stored.
   */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** The bytes, or null when there is no such blob. */
  get(key: string): Promise<Uint8Array | null>;
  has(key: string): Promise<boolean>;
  /** Deleting what is not there is no error. */
  delete(key: string): Promise<void>;
  /** Every blob whose key starts with `prefix`, in no promised order. */
  list(prefix?: string): AsyncIterable<BlobEntry>;
  close(): Promise<void>;
}

export interface BlobEntry {
  key: string;
  sizeBytes: number;
  /** When it was last put. */
  modifiedAt: Date;
}

/** Long enough to be a digest, short enough for every file system. */
const KEY = /^[0-9a-f]{16,128}$/;

export function isBlobKey(key: string): boolean {
  return KEY.test(key);
}

/** @throws Error when `key` is not lower-case hex: nothing else can lead out of a store. */
export function assertBlobKey(key: string): void {
  if (!isBlobKey(key)) throw new Error(`Not a blob key: ${JSON.stringify(key)}.`);
}
