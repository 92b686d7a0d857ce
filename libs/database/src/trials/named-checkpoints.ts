import type { EntityManager } from 'typeorm';

/**
 * Which of these objects a row names, and which of these attempts still run. Trials are found by their ids, which are part of the names:
 * `checkpoints/trial/attempt/update`. A reused trial shares the model of another (trials_reused_model finds it). In a population a trial
 * may continue from another's checkpoint (trials_checkpoint finds it), and a checkpoint at a rung is named as long as another trial may
 * reach that rung (verdicts_checkpoints). A trial that a rule has stopped may resume from its checkpoint until its sweep ends.
 */
export async function namedCheckpoints(
  manager: EntityManager,
  names: readonly string[],
  attemptIds: readonly string[],
): Promise<{ named: Set<string>; running: Set<string> }> {
  const trialIds = names.map((name) => name.split('/')[1]);
  const rows = await manager.query<{ model: string | null; checkpoint: string | null }[]>(
    `select model, case when trials.state <> 'pruned' or sweeps.state in ('running', 'paused') then checkpoint end as checkpoint
     from trials join sweeps on sweeps.id = sweep_id where trials.id = any($1)
     union all select model, null from trials where model = any($2) and reused_from is not null
     union all select null, checkpoint from trials where checkpoint = any($2) and state <> 'pruned'
     union all select null, checkpoint from verdicts where checkpoint = any($2) and exists (
       select from sweeps left join trials on trials.sweep_id = sweeps.id and trials.state in ('pending', 'running')
       where sweeps.id = verdicts.sweep_id and sweeps.state in ('running', 'paused') and (proposed < total or (trials.id is not null
         and not exists (select from verdicts came where came.sweep_id = sweeps.id
           and came.configuration = trials.configuration and came.rung = verdicts.rung))))`,
    [trialIds, names],
  );
  const running = await manager.query<{ id: string }[]>(
    `select id from attempts where id = any($1) and state = 'running'`,
    [attemptIds],
  );
  const named = rows.flatMap(({ model, checkpoint }) => [model, checkpoint]).filter((name) => name !== null);
  return { named: new Set(named), running: new Set(running.map(({ id }) => id)) };
}
