// A PostgreSQL server with TLS, as a process of its own. Argument: a folder with server.pem and server.key. Sends its port, and ends
// with the channel to its parent.
import { chownSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from './postgres.cjs';

const [folder] = process.argv.slice(2);
const key = join(folder, 'server.key');
const settings = { ssl: 'on', ssl_cert_file: join(folder, 'server.pem'), ssl_key_file: key, fsync: 'off' };
/** PostgreSQL reads a key that is its own only. */
const own = (cluster) => {
  const { uid, gid } = statSync(cluster);
  if (userInfo().uid === 0) chownSync(key, uid, gid);
};
const server = await startPostgres(settings, { folder, beforeStart: own });
process.on('disconnect', () => void server.stop().then(() => process.exit(0)));
process.send({ port: server.port });
