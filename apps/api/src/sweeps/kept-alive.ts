import type { EntityManager } from 'typeorm';

/** Milliseconds between two signs of life: PostgreSQL ends a transaction that is silent for 8 seconds. */
const between = 2000;

/**
 * Waits within a transaction for work that does not use its connection, such as that of a thread, however long a busy machine takes for it.
 * The transaction is no longer kept once this process is gone.
 */
export async function keptAlive<Result>(manager: Pick<EntityManager, 'query'>, work: Promise<Result>): Promise<Result> {
  let sign: Promise<unknown> | undefined;
  const timer = setInterval(() => {
    // If the connection is lost, the next statement says so.
    sign ??= manager
      .query('select 1')
      .catch(() => undefined)
      .finally(() => (sign = undefined));
  }, between);
  try {
    return await work;
  } finally {
    clearInterval(timer);
    await sign;
  }
}
