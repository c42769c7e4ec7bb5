/** Keeps a self-signed certificate and its key where only the server's user reads them. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CertificateFiles } from '../../lib/certificate.ts';
import { exists } from '../../lib/exists.ts';
import { writeAtomically } from '../atomic-write.ts';
import { readHosts, selfSigned } from './self-signed.ts';

export interface MadeCertificate extends CertificateFiles {
  hosts: string[];
  /** When it ends to be valid. */
  end: Date;
}

/**
 * @param dataDir the folder of the server's data; made when missing.
 * @param replace whether files that are there may be replaced.
 * @throws Error with a sentence: a host is none, or files are there
 */
export async function makeCertificate(
  dataDir: string,
  hosts: string[],
  replace: boolean,
): Promise<MadeCertificate> {
  const named = readHosts(hosts);
  const folder = join(dataDir, 'tls');
  const files = { certPath: join(folder, 'certificate.pem'), keyPath: join(folder, 'key.pem') };
  for (const path of Object.values(files)) {
    if (!replace && (await exists(path))) throw new Error(`${path} is there already; --force replaces it.`);
  }
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { cert, key, end } = selfSigned(named);
  const options = { mode: 0o600, replace };
  await writeAtomically(files.keyPath, Buffer.from(key), options);
  await writeAtomically(files.certPath, Buffer.from(cert), options);
  return { ...files, hosts: named, end };
}
