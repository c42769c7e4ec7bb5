/**
 * What an operator opens of the private network: `ALLOW_PRIVATE_SOURCES`, read and asked. An entry opens exactly
 * what it names: a network or an address on any port, a host name wherever it leads, either one on a single port.
 */
import ipaddr from 'ipaddr.js';
import { contains, type Network, readAddress } from './networks.ts';

export interface AllowedPrivate {
  /** A network, or a host's name in lower case. */
  what: Network | string;
  /** The only port that is opened; null for all. */
  port: number | null;
}

const DESCRIBED =
  'must be networks (10.0.0.0/8), addresses (10.0.0.5, fd00::5) or hosts, with a port or without ' +
  '(media.internal:9000, [fd00::5]:9000), separated by commas';

/** @throws Error whose message completes "ALLOW_PRIVATE_SOURCES …". */
export function parseAllowed(text: string): AllowedPrivate[] {
  return text
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== '')
    .map(parseEntry);
}

function parseEntry(entry: string): AllowedPrivate {
  if (entry.includes('/')) return { what: parseNetwork(entry), port: null };
  const bare = readAddress(entry);
  if (bare) return { what: single(bare), port: null };
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(entry) ?? [];
  const port = digits === undefined ? null : Number(digits);
  if (port !== null && (port < 1 || port > 65_535)) throw new Error(DESCRIBED);
  const address = readAddress(bracketed ?? plain ?? '');
  if (address) return { what: single(address), port };
  return { what: parseHost(plain ?? ''), port };
}

function parseNetwork(entry: string): Network {
  const [address, bits] = entry.split('/');
  if (!readAddress(address!) || !/^\d{1,3}$/.test(bits!) || !ipaddr.isValidCIDR(entry))
    throw new Error(DESCRIBED);
  const network = ipaddr.parseCIDR(entry);
  const kind = network[0].kind() === 'ipv4' ? ipaddr.IPv4 : ipaddr.IPv6;
  const first = kind.networkAddressFromCIDR(entry).toString();
  // 10.0.0.5/8 would open sixteen million addresses to somebody who meant one.
  if (first !== network[0].toString())
    throw new Error(`must name networks by their first address (${first}/${bits})`);
  return network;
}

const single = (address: Network[0]): Network => [address, address.kind() === 'ipv4' ? 32 : 128];

function parseHost(text: string): string {
  const hostname = URL.parse(`http://${text}/`)?.hostname ?? '';
  // The URL parser finds addresses in 0x7f.1 and 2130706433, which an operator should write as such.
  if (!/^[\w-]+(\.[\w-]+)*\.?$/.test(hostname) || readAddress(hostname)) throw new Error(DESCRIBED);
  return bareName(hostname);
}

/** A host's name without the dots that only say that it is complete. */
export const bareName = (hostname: string) => hostname.replace(/\.+$/, '');

export function isAllowedHost(allowed: AllowedPrivate[], hostname: string, port: number): boolean {
  return allowed.some((entry) => entry.what === bareName(hostname) && opens(entry, port));
}

export function isAllowedAddress(allowed: AllowedPrivate[], address: Network[0], port: number): boolean {
  return allowed.some(
    (entry) => typeof entry.what !== 'string' && contains(entry.what, address) && opens(entry, port),
  );
}

const opens = (entry: AllowedPrivate, port: number) => entry.port === null || entry.port === port;
