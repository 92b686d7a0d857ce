// A PostgreSQL server that crashes and comes back when its parent says so, as a process of its own: the package that starts it keeps a
// process from ending. It writes what nobody waits for every 10 s, as rarely as it may. Sends its address, then an answer to each message.
import { startPostgres } from './postgres.cjs';

const server = await startPostgres({ fsync: 'off', wal_writer_delay: '10s' });
await server.createDatabase('unroll');
process.on('message', async (asked) => {
  await server[asked]();
  process.send({ done: asked });
});
process.on('disconnect', () => void server.stop().then(() => process.exit(0)));
process.send({ url: `${server.url}/unroll` });
