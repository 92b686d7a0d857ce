// The server of a simulated fleet.
import { startPostgres } from '../../support/postgres.cjs';

/** Starts PostgreSQL with its durability, which counts its statements. */
export async function openPostgres(connections) {
  const server = await startPostgres({
    max_connections: connections,
    shared_preload_libraries: 'pg_stat_statements',
    shared_buffers: '256MB',
  });
  await server.createDatabase('unroll');
  return { ...server, url: `${server.url}/unroll` };
}
