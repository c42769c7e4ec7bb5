/**
 * A URL as something to connect to: read, and judged as far as its text goes. Where its host's name leads is
 * judged while connecting, by `lookup.ts`.
 */
import { type AllowedPrivate, bareName, isAllowedAddress, isAllowedHost } from './allowed.ts';
import { OutboundFailure } from './failure.ts';
import { readAddress, specialKind } from './networks.ts';

export interface Credentials {
  user: string;
  password: string;
}

export interface Target {
  /** Without credentials and fragment. */
  url: URL;
  /** As the URL had them. */
  credentials: Credentials | null;
  port: number;
}

/** Where services listen that a request could be mistaken for a command to; the Fetch standard's bad ports. */
const BAD_PORTS = new Set([
  ...[0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103],
  ...[104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513],
  ...[514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720],
  ...[1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080],
]);

/**
 * @param base what a redirect's address is relative to.
 * @throws OutboundFailure `invalid-url` for what is no http or https address, `blocked` for one that may not be asked.
 */
export function readTarget(text: string, allowed: AllowedPrivate[], base?: URL): Target {
  const url = URL.parse(text, base?.href);
  if (!url) throw new OutboundFailure('invalid-url', 'The address is not a URL.');
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new OutboundFailure('invalid-url', 'The address must begin with http:// or https://.');
  const credentials = takeCredentials(url);
  url.hash = '';
  const target = { url, credentials, port: Number(url.port || (url.protocol === 'https:' ? 443 : 80)) };
  refuseSpelling(text, url.hostname);
  refuseText(target, allowed);
  return target;
}

function takeCredentials(url: URL): Credentials | null {
  const { username, password } = url;
  url.username = '';
  url.password = '';
  return username || password ? { user: decoded(username), password: decoded(password) } : null;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Nobody writes 0x08.8.8.8 but to slip by a filter, here or further on. */
function refuseSpelling(text: string, hostname: string): void {
  const written = /^\s*https?:[\\/]*(?:[^\\/?#]*@)?([^\\/?#:]*)/i.exec(text)?.[1];
  if (written === undefined || !readAddress(hostname) || written.replace(/\.$/, '') === hostname) return;
  throw new OutboundFailure('blocked', `The address ${hostname} is spelled in an unusual way.`);
}

function refuseText({ url, port }: Target, allowed: AllowedPrivate[]): void {
  const { hostname } = url;
  const address = readAddress(hostname.replace(/^\[|\]$/g, ''));
  const kind = address ? specialKind(address) : isLocalName(hostname) ? 'loopback' : null;
  const isNamed = (entries: AllowedPrivate[]) =>
    address ? isAllowedAddress(entries, address, port) : isAllowedHost(entries, hostname, port);
  if (kind && !isNamed(allowed))
    throw new OutboundFailure('blocked', `${hostname} is not on the public internet (${kind}).`);
  // Who writes a port down means it.
  if (BAD_PORTS.has(port) && !isNamed(allowed.filter((entry) => entry.port !== null)))
    throw new OutboundFailure('blocked', `Port ${port} of ${hostname} may not be asked.`);
}

/** RFC 6761: these names always mean this machine. */
const isLocalName = (hostname: string) => /(^|\.)localhost$/.test(bareName(hostname));
