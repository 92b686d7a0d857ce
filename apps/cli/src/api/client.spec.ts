import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { call } from './client';

describe('a request whose connection breaks before the answer', () => {
  let broken = 0;
  const arrived: string[] = [];
  const server = createServer((request, response) => {
    arrived.push(`${request.method} ${request.url}`);
    if (arrived.length <= broken) return void request.socket.destroy();
    response.writeHead(200, { connection: 'close' }).end('{"id": "k3m5n7pq"}');
  });
  const connection = { url: '', key: 'key' };

  beforeAll(async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    connection.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());
  beforeEach(() => {
    arrived.length = 0;
    broken = 1;
  });

  it.each([
    ['reads', {}, 'GET'],
    ['has a key by which it is known again', { method: 'POST', headers: { 'idempotency-key': 'a' } }, 'POST'],
  ] as const)('is sent once more if it %s', async (_, options, method) => {
    expect(await call('/v1/sweeps', { connection, ...options })).toEqual({ id: 'k3m5n7pq' });
    expect(arrived).toEqual([`${method} /v1/sweeps`, `${method} /v1/sweeps`]);
  });

  it('is not sent again if it might do the same twice', async () => {
    await expect(call('/v1/sweeps/a/pause', { connection, method: 'POST' })).rejects.toThrow('is not reachable');
    expect(arrived).toEqual(['POST /v1/sweeps/a/pause']);
  });

  it('is given up if it breaks again', async () => {
    broken = 2;
    await expect(call('/v1/sweeps', { connection })).rejects.toThrow('is not reachable');
    expect(arrived).toHaveLength(2);
  });
});
