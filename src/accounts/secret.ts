/**
 * The secrets that keys are: how they are made and how they are remembered. A made secret carries 238
 * bits of chance, and never less than 119, so that one round of SHA-256 is enough to keep it safe at rest and quick to
 * check.
 */
import { createHash, randomInt } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const RANDOM_CHARACTERS = 40;
/** Characters kept in the clear, so that the owner can tell keys apart in a list. */
const PREFIX_LENGTH = 7;

/** Of secrets that somebody else made, too. */
export const SECRET_CHARACTERS = { min: 20, max: 200 };

/** E.g. `ke_` and 40 letters and digits. */
export function makeSecret(): string {
  return `ke_${makePlainSecret(RANDOM_CHARACTERS)}`;
}

/** Letters and digits only, so many as a client expects. */
export function makePlainSecret(characters: number): string {
  const letter = () => ALPHABET[randomInt(ALPHABET.length)];
  return Array.from({ length: characters }, letter).join('');
}

export function secretDigest(secret: string): Buffer {
  return createHash('sha256').update(secret, 'utf8').digest();
}

export function secretPrefix(secret: string): string {
  return secret.slice(0, PREFIX_LENGTH);
}
