import { readConfig } from '@unroll/config';
import { prepareDatabase } from './api';

/** `node migrate.js`: migrates the database and exits, before the processes of a release start. */
prepareDatabase(readConfig(process.env).databaseUrl).then(
  () => console.log('the database has the schema of this version'),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  },
);
