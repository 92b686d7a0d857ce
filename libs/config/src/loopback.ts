import { BlockList, isIP, isIPv6 } from 'node:net';

/** Addresses of this machine alone (RFC 1122, RFC 4291). */
const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

/** Whether only this machine can reach a server that listens on `host`, which may be a name, an address, or one in a URL's brackets. */
export function isLoopback(host: string): boolean {
  const address = host.replace(/^\[(.*)\]$/, '$1');
  return address === 'localhost' || (isIP(address) > 0 && loopback.check(address, isIPv6(address) ? 'ipv6' : 'ipv4'));
}
