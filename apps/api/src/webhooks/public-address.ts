import * as ipaddr from 'ipaddr.js';
import type { LookupAddress, LookupOptions } from 'node:dns';
import { lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** An address to which nothing is sent. The message is one line. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
}

/** Networks in CIDR notation, with commas between them, as in `10.0.0.0/8, fd00::/8`. @throws Error for what is none */
export function parseNetworks(text: string): BlockList {
  const networks = new BlockList();
  for (const each of text.split(',').map((part) => part.trim())) {
    if (each === '') continue;
    const [address = '', bits] = each.split('/');
    networks.addSubnet(address, Number(bits ?? NaN), isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
  return networks;
}

/** Whether an IP address is public, or of a network that the operator allows; an IPv4 address within an IPv6 one counts as itself. */
export function isAllowed(address: string, networks: BlockList): boolean {
  const parsed = ipaddr.process(address);
  return parsed.range() === 'unicast' || networks.check(parsed.toString(), parsed.kind());
}

const refusal = (host: string): AddressRefused =>
  new AddressRefused(`${host} is not a public address: an operator can allow its network with UNROLL_WEBHOOK_NETWORKS`);

/** Refuses a host that is itself an address. Names are checked when they are resolved, see `lookupAllowed`. @throws AddressRefused */
export function refuseAddress(hostname: string, networks: BlockList): void {
  const host = hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !isAllowed(host, networks)) throw refusal(host);
}

/**
 * Resolves names for a connection, and refuses those with an address that is not allowed. The connection is made to what was checked:
 * there is no second resolution, which could answer otherwise.
 */
export const lookupAllowed =
  (networks: BlockList): LookupFunction =>
  (hostname, options: LookupOptions, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error) return callback(error, '', 0);
      const [first] = addresses;
      if (!first || !addresses.every(({ address }) => isAllowed(address, networks)))
        return callback(refusal(hostname), '', 0);
      if (options.all) return callback(null, addresses);
      callback(null, first.address, first.family);
    });
  };
