/**
 * Which addresses lie on the public internet. The tables follow IANA's registries of special-purpose addresses;
 * what an operator opens besides is `allowed.ts`'s.
 */
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
export type Network = [Address, number];

const SPECIAL: Record<string, string[]> = {
  unspecified: ['0.0.0.0/8', '::/128'],
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
  shared: ['100.64.0.0/10'],
  loopback: ['127.0.0.0/8', '::1/128'],
  'link-local': ['169.254.0.0/16', 'fe80::/10'],
  'site-local': ['fec0::/10'],
  // Azure's virtual machines ask their host here; all other clouds keep to ranges that are private anyway.
  metadata: ['168.63.129.16/32'],
  // Reached through a translator or a tunnel, these stand for an IPv4 address that nobody has checked.
  translated: ['::/96', '::ffff:0:0/96', '64:ff9b::/96', '64:ff9b:1::/48', '2002::/16', '192.88.99.0/24'],
  // 2001::/23 has Teredo, benchmarking and ORCHID in it.
  reserved: [
    ...['192.0.0.0/24', '192.31.196.0/24', '192.52.193.0/24', '192.175.48.0/24', '198.18.0.0/15'],
    ...['240.0.0.0/4', '2001::/23', '2620:4f:8000::/48', '5f00::/16', '100::/32'],
  ],
  documentation: ['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '2001:db8::/32', '3fff::/20'],
  multicast: ['224.0.0.0/4', 'ff00::/8'],
};

const TABLE = Object.entries(SPECIAL).flatMap(([kind, networks]) =>
  networks.map((text) => ({ kind, network: ipaddr.parseCIDR(text) })),
);

/** All that IANA has handed out for use between networks (RFC 4291). */
const GLOBAL_UNICAST = ipaddr.parseCIDR('2000::/3');

/** An address as the URL parser or a resolver writes it, without brackets; null for anything else. */
export function readAddress(text: string): Address | null {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  // A zone would name an interface of this machine.
  if (!text.includes(':') || text.includes('%') || !ipaddr.IPv6.isValid(text)) return null;
  return ipaddr.IPv6.parse(text);
}

/** What kind of special address it is, or null for a public one. */
export function specialKind(address: Address): string | null {
  const special = TABLE.find(({ network }) => contains(network, address));
  if (special) return special.kind;
  return address.kind() === 'ipv6' && !contains(GLOBAL_UNICAST, address) ? 'reserved' : null;
}

export function contains(network: Network, address: Address): boolean {
  return network[0].kind() === address.kind() && address.match(network);
}
