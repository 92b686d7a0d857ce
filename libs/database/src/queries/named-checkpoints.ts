import type { EntityManager } from 'typeorm';

/**
 * Which of these objects a trial's row names, and which of these attempts still run. Trials are found by their ids, which stand in
 * the names: `checkpoints/trial/attempt/update`.
 */
export async function namedCheckpoints(
  manager: EntityManager,
  names: readonly string[],
  attemptIds: readonly string[],
): Promise<{ named: Set<string>; running: Set<string> }> {
  const trialIds = names.map((name) => name.split('/')[1]);
  const rows = await manager.query<{ checkpoint: string | null; resume: string | null }[]>(
    `select checkpoint, resume from trials where id = any($1)`,
    [trialIds],
  );
  const running = await manager.query<{ id: string }[]>(
    `select id from attempts where id = any($1) and state = 'running'`,
    [attemptIds],
  );
  const named = rows.flatMap(({ checkpoint, resume }) => [checkpoint, resume]).filter((name) => name !== null);
  return { named: new Set(named), running: new Set(running.map(({ id }) => id)) };
}
