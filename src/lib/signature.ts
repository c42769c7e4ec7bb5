/**
 * Signed statements: a JSON object gets one more member, `signature`, with an Ed25519 signature (RFC 8032) over
 * the canonical form of all its other members. Where keys are kept is left to whoever signs, and whom
 * to trust to whoever reads.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign as signBytes,
  verify as verifyBytes,
} from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';

/** A public key as RFC 8037 writes it. */
export interface PublicKey {
  kty: 'OKP';
  crv: 'Ed25519';
  /** The key's 32 bytes in base64url. */
  x: string;
}

export interface Signature {
  algorithm: 'Ed25519';
  /** The key's id: its thumbprint by RFC 7638. */
  key: string;
  /** The key itself, so that the signature can be checked with nothing else at hand. */
  jwk: PublicKey;
  /** 64 bytes in base64url. */
  value: string;
}

export type Signed<Statement> = Statement & { signature: Signature };

export interface Signer {
  publicKey: PublicKey;
  /** @throws TypeError when the statement has no canonical form. */
  sign<Statement extends object>(statement: Statement): Signed<Statement>;
}

/** @returns a new private key, PKCS #8 in PEM. */
export function makePrivateKey(): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** @throws Error when `pem` holds no Ed25519 private key; it does not repeat what it holds. */
export function createSigner(pem: string): Signer {
  const privateKey = readPrivateKey(pem);
  const publicKey = publicKeyOf(privateKey);
  const key = keyId(publicKey);
  return {
    publicKey,
    sign(statement) {
      const value = signBytes(null, bytesToSign(statement), privateKey).toString('base64url');
      return { ...statement, signature: { algorithm: 'Ed25519', key, jwk: publicKey, value } };
    },
  };
}

/** The id of a key: the SHA-256 thumbprint of RFC 7638, in base64url. */
export function keyId({ kty, crv, x }: PublicKey): string {
  return createHash('sha256').update(canonicalJson({ kty, crv, x })).digest('base64url');
}

/**
 * Checks a statement against the key that it carries. Whose key that is, is another question.
 * @returns the key's id.
 * @throws Error with a sentence that says what is wrong.
 */
export function checkSignature(statement: Record<string, unknown>): string {
  const signature = statement.signature;
  if (!isSignature(signature)) throw new Error('It has no Ed25519 signature that can be read.');
  if (keyId(signature.jwk) !== signature.key) throw new Error('Its key is not the one that its id names.');
  const publicKey = createPublicKey({ key: { ...signature.jwk }, format: 'jwk' });
  const value = Buffer.from(signature.value, 'base64url');
  if (!verifyBytes(null, bytesToSign(statement), publicKey, value))
    throw new Error('It was changed after it was signed, or was signed by another key.');
  return signature.key;
}

export function isPublicKey(value: unknown): value is PublicKey {
  const { kty, crv, x } = (value ?? {}) as Record<string, unknown>;
  return kty === 'OKP' && crv === 'Ed25519' && typeof x === 'string' && /^[\w-]{43}$/.test(x);
}

function isSignature(value: unknown): value is Signature {
  const { algorithm, key, jwk, value: bytes } = (value ?? {}) as Record<string, unknown>;
  const isText = typeof key === 'string' && typeof bytes === 'string';
  return algorithm === 'Ed25519' && isText && /^[\w-]{86}$/.test(bytes) && isPublicKey(jwk);
}

/** Everything but the signature itself. */
function bytesToSign(statement: object): Buffer {
  const { signature, ...rest } = statement as { signature?: unknown };
  return Buffer.from(canonicalJson(rest));
}

function readPrivateKey(pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch (error) {
    throw new Error('The signing key is not a private key in PEM.', { cause: error });
  }
  throw new Error('The signing key is not an Ed25519 key.');
}

function publicKeyOf(privateKey: KeyObject): PublicKey {
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' });
  return { kty: 'OKP', crv: 'Ed25519', x: x! };
}
