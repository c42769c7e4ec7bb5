/** Checks the certificate that the server would serve HTTPS with. */
import { X509Certificate } from 'node:crypto';
import { type CertificateFiles, endOfValidity, readCertificate } from '../../lib/certificate.ts';
import { sentence } from '../sentence.ts';
import { type Check, fail, ok, warn } from './check.ts';

/** Those that renew by themselves do so a month before the end. */
const SOON_MS = 14 * 86_400_000;

export async function checkCertificate(files: CertificateFiles): Promise<Check> {
  try {
    const certificate = await readCertificate(files);
    const { subjectAltName = 'no host' } = new X509Certificate(certificate.cert);
    return judgeEnd(endOfValidity(certificate), subjectAltName);
  } catch (error) {
    return fail('certificate', sentence(error), 'Name files that the server can read, or neither of them.');
  }
}

function judgeEnd(end: Date, hosts: string): Check {
  const detail = `for ${hosts}, until ${end.toISOString().slice(0, 10)}`;
  const leftMs = end.getTime() - Date.now();
  if (leftMs < 0) return fail('certificate', detail, 'It is no longer valid: renew it.');
  if (leftMs < SOON_MS)
    return warn('certificate', detail, 'Renew it; the server takes the new one by itself.');
  return ok('certificate', detail);
}
