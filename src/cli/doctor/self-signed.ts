/**
 * Makes a certificate that vouches for itself (RFC 5280): for tests, private networks and clients that are given it by
 * hand. Where it is kept is left to `make-certificate.ts`.
 */
import { generateKeyPairSync, hash, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import ipaddr from 'ipaddr.js';
import {
  bits,
  type Der,
  objectId,
  octets,
  positive,
  sequence,
  setOf,
  tagged,
  text,
  time,
  yes,
} from './der.ts';

/** PEM texts that go together. */
export interface SelfSigned {
  cert: string;
  key: string;
  end: Date;
}

/** Apple's systems take none that is valid for more than 825 days. */
const VALID_DAYS = 820;
const DAY_MS = 86_400_000;
const ECDSA_WITH_SHA256 = sequence(objectId('1.2.840.10045.4.3.2'));
const DIGITAL_SIGNATURE = bits(Uint8Array.of(0x80), 7);
const SERVER_AUTHENTICATION = objectId('1.3.6.1.5.5.7.3.1');

/**
 * With a new key on P-256, which every TLS client knows.
 * @param hosts names, also `*.` and one, and addresses; see `readHosts`.
 */
export function selfSigned(hosts: string[]): SelfSigned {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const end = new Date(Date.now() + VALID_DAYS * DAY_MS);
  const body = toBeSigned(hosts, publicKey.export({ type: 'spki', format: 'der' }), end);
  const signature = sign('sha256', body, privateKey);
  return {
    cert: pem('CERTIFICATE', sequence(body, ECDSA_WITH_SHA256, bits(signature))),
    key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    end,
  };
}

/**
 * @returns the hosts as a certificate names them, each once, with what reaches this machine from itself.
 * @throws Error with a sentence for one that is neither a name nor an address
 */
export function readHosts(hosts: string[]): string[] {
  return [...new Set([...hosts.map(readHost), 'localhost', '127.0.0.1', '::1'])];
}

const NAME = /^(\*\.)?(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

function readHost(host: string): string {
  const address = host.replace(/^\[(.*)\]$/, '$1');
  if (isIP(address) && !address.includes('%')) return address;
  // `domainToASCII` would take a whole address for the host that it begins with.
  const name = /[/?#@:\\]/.test(host) ? '' : host.replace(/[^*.]+/g, domainToASCII);
  if (NAME.test(name)) return name;
  throw new Error(`${host} is no host: give names such as images.example.org, or addresses.`);
}

function toBeSigned(hosts: string[], publicKey: Uint8Array, end: Date): Der {
  const serial = Buffer.concat([Uint8Array.of(1), randomBytes(15)]);
  // A name of its own: OpenSSL, given several authorities of one name, tries the first of them only.
  const commonName = text(`Keeneye self-signed ${serial.toString('hex', 1, 9)}`);
  const name = sequence(setOf(sequence(objectId('2.5.4.3'), commonName)));
  // Clocks of machines near each other are rarely a day apart.
  const begin = new Date(Date.now() - DAY_MS);
  return sequence(
    tagged(0, positive(Uint8Array.of(2)), true),
    positive(serial),
    ECDSA_WITH_SHA256,
    name,
    sequence(time(begin), time(end)),
    name,
    publicKey,
    tagged(3, sequence(...extensions(hosts, publicKey)), true),
  );
}

/** It is no authority: whoever gets hold of its key cannot vouch for other hosts. */
function extensions(hosts: string[], publicKey: Uint8Array): Der[] {
  const keyId = hash('sha1', publicKey, 'buffer');
  return [
    extension('2.5.29.19', sequence(), true),
    extension('2.5.29.15', DIGITAL_SIGNATURE, true),
    extension('2.5.29.37', sequence(SERVER_AUTHENTICATION)),
    extension('2.5.29.14', octets(keyId)),
    extension('2.5.29.17', sequence(...hosts.map(alternativeName))),
  ];
}

function extension(id: string, content: Der, critical = false): Der {
  return sequence(objectId(id), ...(critical ? [yes] : []), octets(content));
}

function alternativeName(host: string): Der {
  if (!isIP(host)) return tagged(2, Buffer.from(host, 'latin1'));
  return tagged(7, Uint8Array.from(ipaddr.parse(host).toByteArray()));
}

function pem(label: string, der: Der): string {
  const lines = Buffer.from(der)
    .toString('base64')
    .replace(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}
