import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readHosts, selfSigned } from '../cli/doctor/self-signed.ts';
import { endOfValidity, readCertificate } from './certificate.ts';

test('what is wrong with the files is one sentence that names the variable', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'keeneye-tls-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = async (name: string, text: string) => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
  const [made, other] = [selfSigned(readHosts([])), selfSigned(readHosts([]))];
  const locked = createPrivateKey(made.key).export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: 'secret',
  });
  const certPath = await file('cert.pem', made.cert);
  const keyPath = await file('key.pem', made.key);
  const paths = {
    none: join(folder, 'none.pem'),
    text: await file('text.pem', 'hello'),
    other: await file('other.pem', other.key),
    locked: await file('locked.pem', String(locked)),
  };
  const read = (cert: string, key: string) => readCertificate({ certPath: cert, keyPath: key });
  await assert.rejects(read(paths.none, keyPath), /^Error: TLS_CERT cannot be read: ENOENT: .*none\.pem'\.$/);
  await assert.rejects(read(certPath, folder), /^Error: TLS_KEY cannot be read: EISDIR: .*\.$/);
  await assert.rejects(read(paths.text, keyPath), /^Error: TLS_CERT, .*text\.pem, holds no certificate.*\.$/);
  await assert.rejects(read(keyPath, keyPath), /^Error: TLS_CERT, .*key\.pem, holds no certificate.*\.$/);
  for (const wrong of [paths.text, paths.locked, certPath]) {
    await assert.rejects(
      read(certPath, wrong),
      /^Error: TLS_KEY, .*, holds no private key.*passphrase: .*\.$/,
    );
  }
  await assert.rejects(
    read(certPath, paths.other),
    /^Error: TLS_KEY, .* is not the key of the certificate.*\.$/,
  );
  const certificate = await read(certPath, keyPath);
  assert.deepEqual(certificate, { cert: made.cert, key: made.key });
  assert.ok(Math.abs(endOfValidity(certificate).getTime() - made.end.getTime()) < 1000);
});
