/** Files that change as renewals change them. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pino } from 'pino';
import { readHosts, selfSigned } from '../cli/doctor/self-signed.ts';
import { type Certificate, readCertificate } from '../lib/certificate.ts';
import { followCertificate } from './follow-certificate.ts';

test('a renewal behind a symbolic link is used, and no faulty one before it', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'keeneye-tls-'));
  t.after(() => rm(folder, { recursive: true }));
  const files = { certPath: join(folder, 'live/certificate.pem'), keyPath: join(folder, 'live/key.pem') };
  const lay = async (name: string, cert: string, key: string) => {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, 'certificate.pem'), cert);
    await writeFile(join(folder, name, 'key.pem'), key);
    await symlink(name, join(folder, 'next'));
    await rename(join(folder, 'next'), join(folder, 'live'));
  };
  const [old, renewed] = [selfSigned(readHosts([])), selfSigned(readHosts([]))];
  await lay('1', old.cert, old.key);

  const complained = Promise.withResolvers<string>();
  const used = Promise.withResolvers<Certificate>();
  const log = pino({ level: 'warn' }, { write: (line) => complained.resolve(line) });
  const following = followCertificate(files, await readCertificate(files), used.resolve, log, 5);
  t.after(() => following.stop());
  await lay('2', renewed.cert, old.key);
  assert.match(await complained.promise, /is not the key of the certificate/);
  await lay('3', renewed.cert, renewed.key);
  assert.deepEqual(await used.promise, { cert: renewed.cert, key: renewed.key });
});
