/**
 * The resolver that sockets are given: a name's addresses, less those that may not be asked. The socket connects
 * to what is handed over here, so no second answer of the name server can take the place of the one that was checked.
 */
import type { LookupAddress } from 'node:dns';
import { lookup as lookUp } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { type AllowedPrivate, isAllowedAddress, isAllowedHost } from './allowed.ts';
import { OutboundFailure } from './failure.ts';
import { readAddress, specialKind } from './networks.ts';

/** All addresses of a name; rejects when it has none. */
export type Resolve = (hostname: string) => Promise<LookupAddress[]>;

/** As the operating system does it, so that names in its hosts file work. */
export const resolveBySystem: Resolve = (hostname) => lookUp(hostname, { all: true });

export function guardedLookup(resolve: Resolve, allowed: AllowedPrivate[], port: number): LookupFunction {
  return (hostname, options, callback) => {
    permittedAddresses(resolve, allowed, hostname, port).then(
      (addresses) =>
        options.all ? callback(null, addresses) : callback(null, addresses[0]!.address, addresses[0]!.family),
      (error) => callback(error, '', 0),
    );
  };
}

/** Of several addresses the permitted ones are used: nothing is ever sent to the others. */
async function permittedAddresses(
  resolve: Resolve,
  allowed: AllowedPrivate[],
  hostname: string,
  port: number,
): Promise<LookupAddress[]> {
  const addresses = await resolve(hostname).catch((error) => {
    throw new OutboundFailure('unreachable', `${hostname} was not found.`, error);
  });
  if (isAllowedHost(allowed, hostname, port) && addresses.length > 0) return addresses;
  const permitted = addresses.filter(({ address }) => isPermitted(address, allowed, port));
  if (permitted.length > 0) return permitted;
  throw new OutboundFailure('blocked', `${hostname} is not on the public internet.`);
}

function isPermitted(text: string, allowed: AllowedPrivate[], port: number): boolean {
  const address = readAddress(text);
  return address !== null && (specialKind(address) === null || isAllowedAddress(allowed, address, port));
}
