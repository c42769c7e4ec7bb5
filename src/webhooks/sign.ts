/**
 * Signs what is sent as Standard Webhooks has it (specification 1.0.0, section "Signature scheme"): HMAC-SHA256 over
 * id, time and body, so that neither can be changed and an old one is known as old.
 */
import { createHmac } from 'node:crypto';

const SECRET_PREFIX = 'whsec_';

/** A key's 32 bytes as people paste them. */
export function writeSecret(bytes: Uint8Array): string {
  return `${SECRET_PREFIX}${Buffer.from(bytes).toString('base64')}`;
}

/** @param secret as `writeSecret` gives it. */
export function signatureHeaders(
  secret: string,
  id: string,
  timestampSeconds: number,
  body: string,
): Record<string, string> {
  const key = Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestampSeconds}.${body}`).digest('base64');
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestampSeconds),
    'webhook-signature': `v1,${signature}`,
  };
}
