import type { DataSource } from 'typeorm';

/** The artifact of a trial's model; undefined if the trial or its model no longer exists. By the primary key. */
export async function modelArtifact(dataSource: DataSource, trialId: string): Promise<string | undefined> {
  const [row] = await dataSource.query<{ model: string | null }[]>(`select model from trials where id = $1`, [trialId]);
  return row?.model ?? undefined;
}
