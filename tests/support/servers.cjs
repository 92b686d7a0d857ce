// What specs, fault scenarios and benchmarks share to start servers: free ports, folders, and the one way to start Redis.
const { spawn, spawnSync } = require('node:child_process');
const { randomInt } = require('node:crypto');
const { chmodSync, mkdtempSync } = require('node:fs');
const { createServer } = require('node:net');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

/** Below those that systems give to connections and to servers without a port of their own: 32768 on Linux. */
const ports = { first: 15_000, count: 16_000 };
let nextPort = randomInt(ports.count);

/**
 * A port for a server that starts in a while. One that the system chooses could be given to another server or connection until then; this
 * one can be taken only by who asks for it.
 */
async function freePort() {
  for (;;) {
    const port = ports.first + (nextPort++ % ports.count);
    const server = createServer();
    const isFree = await new Promise((done, fail) => {
      server.once('error', (error) => (error.code === 'EADDRINUSE' ? done(false) : fail(error)));
      server.listen(port, '127.0.0.1', () => done(true));
    });
    if (!isFree) continue;
    await new Promise((done) => server.close(done));
    return port;
  }
}

function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'unroll-test-'));
  // PostgreSQL refuses to run as root: its own user must be able to enter.
  chmodSync(folder, 0o755);
  return folder;
}

const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

async function startRedis() {
  const port = await freePort();
  const folder = temporaryFolder();
  const listen = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder];
  const store = ['--save', '', '--maxmemory-policy', 'noeviction'];
  let server;
  const start = async () => {
    server = spawn('redis-server', [...listen, ...store], { stdio: ['ignore', 'pipe', 'ignore'] });
    await new Promise((resolve, reject) => {
      server.stdout.on('data', (data) => data.includes('Ready to accept connections') && resolve());
      server.on('error', reject);
      server.on('close', () => reject(new Error('redis-server did not start')));
    });
  };
  await start();
  return { url: `redis://127.0.0.1:${port}`, start, kill: () => server.kill('SIGKILL') };
}

module.exports = { freePort, hasRedis, startRedis, temporaryFolder };
