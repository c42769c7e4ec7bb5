/**
 * Notices that the certificate's files hold another one, and has it used. It looks again and again instead of being
 * told: renewals replace a symbolic link or a mounted folder, which watchers of a file do not see.
 */
import { type Certificate, type CertificateFiles, readCertificate } from '../lib/certificate.ts';
import type { Log } from '../lib/log.ts';

const LOOK_EVERY_MS = 10_000;

/**
 * What is faulty, such as a new certificate whose key is not there yet, is logged once, and the one in use stays.
 * @param current the one in use.
 * @param use is given each new one.
 */
export function followCertificate(
  files: CertificateFiles,
  current: Certificate,
  use: (certificate: Certificate) => void,
  log: Log,
  lookEveryMs = LOOK_EVERY_MS,
): { stop(): void } {
  let inUse = current;
  let complaint: string | null = null;
  const look = async () => {
    try {
      const found = await readCertificate(files);
      complaint = null;
      if (found.cert === inUse.cert && found.key === inUse.key) return;
      use(found);
      inUse = found;
      log.info('another certificate is in use');
    } catch (error) {
      const { message } = error as Error;
      if (message !== complaint)
        log.warn({ err: error }, 'the certificate in use stays: the new one is faulty');
      complaint = message;
    }
  };
  const timer = setInterval(() => void look(), lookEveryMs).unref();
  return { stop: () => clearInterval(timer) };
}
