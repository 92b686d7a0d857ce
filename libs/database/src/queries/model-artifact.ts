import type { DataSource } from 'typeorm';

/** Where a trial's model lies; undefined where the trial, or its model, is gone. By the primary key. */
export async function modelArtifact(dataSource: DataSource, trialId: string): Promise<string | undefined> {
  const [row] = await dataSource.query<{ model: string | null }[]>(`select model from trials where id = $1`, [trialId]);
  return row?.model ?? undefined;
}
