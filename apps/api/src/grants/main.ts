import { readConfig } from '@unroll/config';
import { grantToWorkers, workerGrants } from '@unroll/database';

/** `main.js print|apply ROLE`, with the environment of an API for `apply`: answers its parent. */
async function main(): Promise<void> {
  const [what, role] = process.argv.slice(2) as ['print' | 'apply', string];
  const statements = workerGrants(role);
  if (what === 'apply') {
    const { databaseUrl, databaseDirectUrl } = readConfig(process.env);
    await grantToWorkers(databaseDirectUrl ?? databaseUrl, role);
  }
  process.send?.({ type: 'done', statements });
}

main()
  .catch((error: unknown) => {
    const { message, code } = error as { message?: string; code?: string };
    process.send?.({ type: 'failed', message: (message || code || String(error)).split('\n')[0] });
    process.exitCode = 1;
  })
  .finally(() => process.disconnect?.());
