/** Sites that a key may be used for: written in one way, and compared. */
import { Problem } from '../lib/problem.ts';

/** @returns the host as browsers write it, also of an address or `*.host`; null when there is none in it. */
function hostOf(text: string): string | null {
  const address = text.trim().replace(/^\*\./, '');
  try {
    const { hostname } = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(address) ? address : `http://${address}`);
    return hostname.replace(/\.$/, '') || null;
  } catch {
    return null;
  }
}

/** Addresses, and names of what may be under DNS: the URL parser lets others pass, which no site ever has. */
const HOST = /^(?:\[[\da-f:]+\]|[a-z\d_](?:[\w-]*[a-z\d_])?(?:\.[a-z\d_](?:[\w-]*[a-z\d_])?)*)$/;

/** @throws Problem `invalid-parameter` when one is no name of a host */
export function readDomains(texts: string[]): string[] {
  const hosts = texts.map((text) => {
    const host = hostOf(text);
    if (host !== null && HOST.test(host)) return host;
    throw new Problem('invalid-parameter', `${JSON.stringify(text)} is no domain.`, { parameter: 'domains' });
  });
  return [...new Set(hosts)];
}

/** A domain covers itself and what is below it; no domains cover everything. */
export function covers(domains: string[], site: string): boolean {
  if (domains.length === 0) return true;
  const host = hostOf(site);
  return host !== null && domains.some((domain) => host === domain || host.endsWith(`.${domain}`));
}
