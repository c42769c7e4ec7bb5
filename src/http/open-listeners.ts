/**
 * Opens the server's listeners where the configuration says, and words why one cannot be opened. What they do then is
 * left to `server.ts`.
 */
import { type Certificate, type CertificateFiles, endOfValidity } from '../lib/certificate.ts';
import type { Log } from '../lib/log.ts';
import { followCertificate } from './follow-certificate.ts';
import type { HttpServer } from './server.ts';

export interface Listeners {
  url: string;
  /** Null where there is no certificate. */
  tlsUrl: string | null;
  /** Renewed certificates are no longer looked for. */
  stopFollowing(): void;
}

interface Place {
  host: string;
  port: number;
  tlsPort: number;
  certificateFiles: CertificateFiles | null;
}

/**
 * @param certificate what the files hold.
 * @throws Error with a sentence for the operator
 */
export async function openListeners(
  server: HttpServer,
  { host, port, tlsPort, certificateFiles }: Place,
  certificate: Certificate | null,
  log: Log,
): Promise<Listeners> {
  const { url } = await opened(host, port, 'PORT', server.listen(host, port));
  if (certificate === null || certificateFiles === null)
    return { url, tlsUrl: null, stopFollowing: () => {} };
  const opening = server.listenEncrypted(host, tlsPort, certificate);
  const { url: tlsUrl, renew } = await opened(host, tlsPort, 'TLS_PORT', opening);
  const end = endOfValidity(certificate);
  if (end < new Date()) log.warn({ end }, 'the certificate of TLS_CERT is no longer valid');
  const following = followCertificate(certificateFiles, certificate, renew, log);
  return { url, tlsUrl, stopFollowing: following.stop };
}

/** @param variable the one that chose the port. */
async function opened<Listener>(
  host: string,
  port: number,
  variable: string,
  listener: Promise<Listener>,
): Promise<Listener> {
  try {
    return await listener;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason =
      code === 'EADDRINUSE'
        ? `something else listens there. Choose another port with ${variable}; 0 takes any free one`
        : message;
    throw new Error(`Cannot listen on ${host}, port ${port}: ${reason}.`, { cause: error });
  }
}
