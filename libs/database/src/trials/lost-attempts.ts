import type { DataSource, EntityManager } from 'typeorm';

/** Attempts that a worker believed it held, and why it does not. */
export interface LostAttempts {
  /** A stopping rule pruned their trials. */
  pruned: string[];
  /** Their sweep was cancelled, or its budget is used up. */
  cancelled: string[];
  /** Anything else: the lease was lost, the result is already stored, or the sweep was deleted. */
  refused: string[];
}

/** Joins what several answers said. */
export const joinLost = (all: readonly LostAttempts[]): LostAttempts => ({
  pruned: all.flatMap(({ pruned }) => pruned),
  cancelled: all.flatMap(({ cancelled }) => cancelled),
  refused: all.flatMap(({ refused }) => refused),
});

/** All of them, whatever the reason. */
export const lostIds = ({ pruned, cancelled, refused }: LostAttempts): string[] => [
  ...pruned,
  ...cancelled,
  ...refused,
];

/** Says why these attempts do not run any more. Asked for the few that are missing from an answer. The primary keys find the rows. */
export async function lostAttempts(
  manager: Pick<DataSource | EntityManager, 'query'>,
  attemptIds: readonly string[],
): Promise<LostAttempts> {
  const lost = joinLost([]);
  if (attemptIds.length === 0) return lost;
  const rows = await manager.query<{ id: string; reason: keyof LostAttempts }[]>(
    `select attempts.id, case when attempts.state = 'cancelled' then 'cancelled'
              when attempts.state = 'succeeded' and trials.state = 'pruned' then 'pruned' else 'refused' end as reason
     from attempts join trials on trials.id = trial_id where attempts.id = any($1)`,
    [attemptIds],
  );
  const reasons = new Map(rows.map(({ id, reason }) => [id, reason]));
  for (const id of attemptIds) lost[reasons.get(id) ?? 'refused'].push(id);
  return lost;
}
