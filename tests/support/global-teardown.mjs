// Ends the servers of the run, after making sure that no test left a connection behind.
import pg from 'pg';

export default async function teardown() {
  const { postgres, redis } = globalThis.unrollTestServers;
  const client = new pg.Client({ connectionString: `${process.env.UNROLL_TEST_POSTGRES}/postgres` });
  await client.connect();
  const { rows } = await client.query(
    `select datname, application_name, count(*)::integer as connections from pg_stat_activity
     where datname like 'unroll_%' group by datname, application_name`,
  );
  await client.end();
  redis?.kill();
  await postgres?.stop();
  if (rows.length > 0) throw new Error(`tests left connections open: ${JSON.stringify(rows)}`);
}
