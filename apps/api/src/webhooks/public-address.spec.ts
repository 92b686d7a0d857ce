import { isAllowed, lookupAllowed, parseNetworks, refuseAddress } from './public-address';

describe('an address that webhooks are sent to', () => {
  it.each(['93.184.215.14', '8.8.8.8', '2606:2800:21f:cb07:6820:80da:af6b:8b2c', '::ffff:8.8.8.8'])(
    'may be public: %s',
    (address) => expect(isAllowed(address, parseNetworks(''))).toBe(true),
  );

  it.each([
    ...['127.0.0.1', '10.1.2.3', '172.16.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1', '0.0.0.0', '224.0.0.1'],
    ...['255.255.255.255', '::1', '::', 'fe80::1', 'fd00::1', 'ff02::1', '::ffff:127.0.0.1', '::ffff:a00:1'],
    ...['64:ff9b::7f00:1', '2002:7f00:1::'],
  ])('must not be %s', (address) => expect(isAllowed(address, parseNetworks(''))).toBe(false));

  it('may be of a network that the operator allows', () => {
    const networks = parseNetworks('10.0.0.0/8, fd00::/8');
    expect(['10.1.2.3', '::ffff:10.1.2.3', 'fd00::1', '192.168.1.1'].map((each) => isAllowed(each, networks))).toEqual([
      ...[true, true, true, false],
    ]);
    expect(() => parseNetworks('10.0.0.0')).toThrow();
  });

  it.each(['http://2130706433/', 'http://0x7f.1/', 'http://[::1]/', 'http://[::ffff:7f00:1]/'])(
    'is read as the connection would: %s',
    (url) => expect(() => refuseAddress(new URL(url).hostname, parseNetworks(''))).toThrow('is not a public address'),
  );

  it.each([true, false])('is that of the connection, where a name is resolved (all: %s)', async (all) => {
    const resolve = (networks: string): Promise<unknown> =>
      new Promise((done) =>
        lookupAllowed(parseNetworks(networks))('localhost', { all, family: 4 }, (error, address) =>
          done(error ?? address),
        ),
      );
    expect(String(await resolve(''))).toContain('localhost is not a public address');
    expect(await resolve('127.0.0.0/8')).toEqual(all ? [{ address: '127.0.0.1', family: 4 }] : '127.0.0.1');
  });
});
