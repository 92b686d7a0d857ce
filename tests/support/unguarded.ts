import type { DataSource } from 'typeorm';

/** Lets a test write any state into trials, as no transition would. */
export async function allowAnyState(dataSource: DataSource): Promise<void> {
  await dataSource.query('alter table trials disable trigger trials_lifecycle');
}
