/**
 * Reads the certificate and the key that the operator's files hold and tries them, so that what is wrong with
 * them is a sentence at the start and not a failed handshake later. Serving them is left to `http/`.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';

/** Absolute paths of PEM files. */
export interface CertificateFiles {
  /** The certificate, and behind it those that lead to its authority. */
  certPath: string;
  /** Its private key, not encrypted. */
  keyPath: string;
}

/** PEM texts that go together. */
export interface Certificate {
  cert: string;
  key: string;
}

/** @throws Error with a sentence that names the variable at fault. */
export async function readCertificate({ certPath, keyPath }: CertificateFiles): Promise<Certificate> {
  const [cert, key] = await Promise.all([readText('TLS_CERT', certPath), readText('TLS_KEY', keyPath)]);
  const certificate = attempt(`TLS_CERT, ${certPath}, holds no certificate in PEM`, () => {
    return new X509Certificate(cert);
  });
  const privateKey = attempt(`TLS_KEY, ${keyPath}, holds no private key in PEM without a passphrase`, () => {
    return createPrivateKey(key);
  });
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new Error(`TLS_KEY, ${keyPath}, is not the key of the certificate in TLS_CERT, ${certPath}.`);
  }
  attempt(`TLS_CERT, ${certPath}, cannot be served`, () => createSecureContext({ cert, key }));
  return { cert, key };
}

/** @returns when the certificate ends to be valid. */
export function endOfValidity({ cert }: Certificate): Date {
  return new Date(new X509Certificate(cert).validTo);
}

async function readText(variable: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new Error(`${variable} cannot be read: ${(error as Error).message}.`, { cause: error });
  }
}

function attempt<Value>(complaint: string, step: () => Value): Value {
  try {
    return step();
  } catch (error) {
    throw new Error(`${complaint}: ${(error as Error).message}.`, { cause: error });
  }
}
