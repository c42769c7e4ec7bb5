/**
 * Addresses of artifacts that work without a key: an id and an expiry, signed. Who holds one was given
 * it; nobody can make one up, and none outlives its date.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Queryable } from '../store/database.ts';

export interface Links {
  /**
   * @param expiresAt in milliseconds since 1970; kept to the second, rounded down.
   * @param purpose what the token is good for, and nothing else.
   */
  sign(artifactId: string, expiresAt: number, purpose?: string): string;
  /** The artifact's id, or null for a token that was not signed here for this purpose or is out of date. */
  verify(token: string, now: number, purpose?: string): string | null;
}

const ID_BYTES = 16;
const EXPIRY_BYTES = 6;
/** 136 of the 256 bits (RFC 2104 asks for half of them at least): some clients cut addresses off at 110 characters. */
const SIGNATURE_BYTES = 17;
const TOKEN = /^[A-Za-z0-9_-]{52}$/;

/** The secret that signs links; made once for each database, so that all nodes honour each other's links. */
export async function loadLinkSecret(db: Queryable): Promise<Buffer> {
  const made = randomBytes(32).toString('base64');
  await db.query(`INSERT INTO settings (name, value) VALUES ('link-secret', $1) ON CONFLICT DO NOTHING`, [
    made,
  ]);
  const { rows } = await db.query<{ value: string }>(`SELECT value FROM settings WHERE name = 'link-secret'`);
  return Buffer.from(rows[0]!.value, 'base64');
}

export function createLinks(secret: Buffer): Links {
  const signatureOf = (claim: Buffer, purpose: string) =>
    createHmac('sha256', secret).update(claim).update(purpose).digest().subarray(0, SIGNATURE_BYTES);
  return {
    sign(artifactId, expiresAt, purpose = '') {
      const claim = Buffer.alloc(ID_BYTES + EXPIRY_BYTES);
      claim.write(artifactId.replaceAll('-', ''), 'hex');
      claim.writeUIntBE(Math.floor(expiresAt / 1000), ID_BYTES, EXPIRY_BYTES);
      return Buffer.concat([claim, signatureOf(claim, purpose)]).toString('base64url');
    },
    verify(token, now, purpose = '') {
      if (!TOKEN.test(token)) return null;
      const bytes = Buffer.from(token, 'base64url');
      const claim = bytes.subarray(0, -SIGNATURE_BYTES);
      if (!timingSafeEqual(bytes.subarray(-SIGNATURE_BYTES), signatureOf(claim, purpose))) return null;
      if (claim.readUIntBE(ID_BYTES, EXPIRY_BYTES) * 1000 <= now) return null;
      return formatUuid(claim.toString('hex', 0, ID_BYTES));
    },
  };
}

function formatUuid(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
