import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { loadWebhookSecret, webhookSecretOf } from './secret.ts';
import { signatureHeaders } from './sign.ts';
import { databaseWithKey } from './webhooks.test-support.ts';

const { database, keyId } = await databaseWithKey();

test('a key has one secret, the same on every node, and no two keys share one', async () => {
  const nodes = await Promise.all([loadWebhookSecret(database), loadWebhookSecret(database)]);
  const [first, second] = nodes.map((secretOf) => secretOf(keyId));
  assert.match(first!, /^whsec_[A-Za-z0-9+/]{43}=$/);
  assert.equal(first, second);
  assert.notEqual(nodes[0]!(randomUUID()), first);
  assert.equal(await webhookSecretOf(database, keyId.toUpperCase()), first);
});

test('a key that there is not has no secret', async () => {
  assert.equal(await webhookSecretOf(database, randomUUID()), null);
  assert.equal(await webhookSecretOf(database, 'nothing'), null);
});

test('signatures are what openssl makes of the same secret', () => {
  // printf 'evt_1.1700000000.{"a":1}' | openssl dgst -sha256 -binary -mac HMAC -macopt hexkey:$(printf '0%.0s' {1..64}) | base64
  const secret = `whsec_${Buffer.alloc(32).toString('base64')}`;
  assert.deepEqual(signatureHeaders(secret, 'evt_1', 1_700_000_000, '{"a":1}'), {
    'webhook-id': 'evt_1',
    'webhook-timestamp': '1700000000',
    'webhook-signature': 'v1,R5K/RFGzAoe8pea03R5QB3/Wn06HVeTm9DTrXTZANbQ=',
  });
});
