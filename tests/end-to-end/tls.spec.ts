import { dataSourceOptions } from '@unroll/database';
import { execFileSync, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { commandEnvironment, ran } from '../support/cli';
import { itWith } from '../support/machine';
import { freePort, hasRedis, temporaryFolder } from '../support/servers.cjs';

const root = join(__dirname, '..', '..');
const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });

/** A certificate authority of our own, and a certificate by it for this machine. */
function makeCertificates(): void {
  const days = ['-days', '2', '-nodes'];
  for (const ca of ['ca', 'other-ca'])
    openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-subj',
      `/CN=${ca}`,
      '-keyout',
      `${ca}.key`,
      '-out',
      `${ca}.pem`,
      ...days,
    );
  openssl(
    'req',
    '-newkey',
    'rsa:2048',
    '-subj',
    '/CN=localhost',
    '-keyout',
    'server.key',
    '-out',
    'server.csr',
    '-nodes',
  );
  writeFileSync(at('names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1');
  const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'names'];
  openssl('x509', '-req', '-in', 'server.csr', ...by, '-out', 'server.pem', '-days', '2');
}

/** Runs a statement of a program of its own: Node.js reads further authorities when it starts. Returns what it prints. */
async function runNode(source: string, authority: string): Promise<string> {
  const trusted = { NODE_EXTRA_CA_CERTS: authority };
  const { stdout } = await ran(
    spawn(process.execPath, ['-e', source], { env: commandEnvironment(trusted), cwd: root, stdio: 'pipe' }),
  );
  return stdout.trim();
}

describe('with TLS, by a certificate authority of our own', () => {
  beforeAll(makeCertificates);

  it('connections to PostgreSQL are encrypted, and a server that another authority vouches for is refused', async () => {
    const server = fork(join(root, 'tests', 'support', 'tls-postgres.mjs'), [folder]);
    const ended = once(server, 'exit');
    const [{ port }] = (await once(server, 'message')) as [{ port: number }];
    try {
      const url = (authority: string): string =>
        `postgres://unroll:unroll@localhost:${port}/postgres?sslmode=verify-full&sslrootcert=${at(authority)}`;
      const dataSource = await new DataSource(dataSourceOptions(url('ca.pem'))).initialize();
      const rows = await dataSource.query('select ssl from pg_stat_ssl where pid = pg_backend_pid()');
      await dataSource.destroy();
      expect(rows).toEqual([{ ssl: true }]);
      await expect(new DataSource(dataSourceOptions(url('other-ca.pem'))).initialize()).rejects.toThrow(/certificate/);
    } finally {
      server.disconnect();
      await ended;
    }
  });

  itWith('redis-server', hasRedis)(
    'Redis is reached with the authority, and without it refused in one line',
    async () => {
      const port = String(await freePort());
      const files = ['--tls-cert-file', at('server.pem'), '--tls-key-file', at('server.key')];
      const secured = [
        '--port',
        '0',
        '--tls-port',
        port,
        '--tls-auth-clients',
        'no',
        '--tls-ca-cert-file',
        at('ca.pem'),
      ];
      const stored = ['--save', '', '--dir', folder, '--maxmemory-policy', 'noeviction'];
      const redis = spawn('redis-server', [...secured, ...files, ...stored], { stdio: ['ignore', 'pipe', 'ignore'] });
      const ended = once(redis, 'exit');
      try {
        await new Promise<void>((ready) =>
          redis.stdout.on('data', (data: Buffer) => data.includes('Ready to accept connections') && ready()),
        );
        const source = `require('./dist/libs/queue/src').checkQueueServer({ redisUrl: 'rediss://localhost:${port}' })
        .then(() => console.log('reached'), ({ message }) => console.log(message))`;
        expect(await runNode(source, at('ca.pem'))).toBe('reached');
        expect(await runNode(source, at('other-ca.pem'))).toMatch(
          /^Redis at localhost:\d+ cannot be reached: .*certificate/,
        );
      } finally {
        redis.kill();
        await ended;
      }
    },
  );
});
