import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { checkSignature, createSigner, isPublicKey, keyId, makePrivateKey } from './signature.ts';

const signer = createSigner(makePrivateKey());
const statement = { score: 86.25, name: 'ü', tiles: [{ x: 0, y: 128 }], reason: null };
// biome-ignore lint/suspicious/noExplicitAny: tests break it in ways that no type allows.
const travelled = (value: unknown): any => JSON.parse(JSON.stringify(value));

test('the key of RFC 8037, appendix A has its id and its signature', () => {
  const d = 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A';
  const x = '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo';
  const key = createPrivateKey({ key: { kty: 'OKP', crv: 'Ed25519', d, x }, format: 'jwk' });
  const known = createSigner(key.export({ type: 'pkcs8', format: 'pem' }).toString());
  assert.deepEqual(known.publicKey, { kty: 'OKP', crv: 'Ed25519', x });
  assert.equal(keyId(known.publicKey), 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k');
});

test('a signed statement is checked after any journey through JSON', () => {
  const signed = signer.sign(statement);
  assert.equal(checkSignature(travelled(signed)), keyId(signer.publicKey));
  const { signature, ...rest } = signed;
  const reordered = { signature, ...Object.fromEntries(Object.entries(rest).reverse()) };
  assert.equal(checkSignature(travelled(reordered)), signature.key);
});

test('the same key signs the same statement alike', () => {
  assert.deepEqual(signer.sign(statement), signer.sign({ ...statement }));
});

test('any change to a statement, or to its signature, is found', () => {
  const signed = travelled(signer.sign(statement));
  const { signature } = signed;
  const { reason, ...without } = signed;
  const other = createSigner(makePrivateKey()).publicKey;
  const changed = [
    { ...signed, score: signed.score + 1e-9 },
    { ...signed, name: 'u' },
    { ...signed, tiles: [{ x: 0, y: 127 }] },
    { ...signed, tiles: [] },
    { ...signed, more: 1 },
    without,
  ];
  const signatures = [
    undefined,
    'valid',
    { ...signature, algorithm: 'none' },
    { ...signature, key: keyId(other) },
    { ...signature, jwk: other },
    { ...signature, jwk: null },
    { ...signature, value: `${signature.value[0] === 'A' ? 'B' : 'A'}${signature.value.slice(1)}` },
    { ...signature, value: '' },
  ];
  for (const wrong of [...changed, ...signatures.map((one) => ({ ...signed, signature: one }))])
    assert.throws(() => checkSignature(wrong), /^Error: It/, JSON.stringify(wrong));
});

test('a statement signed by one key cannot pass for one signed by another', () => {
  const signed = travelled(signer.sign(statement));
  const other = createSigner(makePrivateKey()).sign(statement);
  const mixed = { ...signed, signature: { ...other.signature, value: signed.signature.value } };
  assert.throws(() => checkSignature(mixed), /changed after it was signed/);
});

test('only an Ed25519 private key signs', () => {
  const { privateKey } = generateKeyPairSync('x25519');
  const wrong = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  assert.throws(() => createSigner(wrong), /not an Ed25519 key/);
  assert.throws(
    () => createSigner('secret text'),
    (error: Error) => !error.message.includes('secret'),
  );
});

test('a public key is told from what is none', () => {
  assert.ok(isPublicKey(signer.publicKey));
  for (const wrong of [
    null,
    'x',
    {},
    { ...signer.publicKey, x: 'short' },
    { ...signer.publicKey, kty: 'EC' },
  ])
    assert.ok(!isPublicKey(wrong));
});
