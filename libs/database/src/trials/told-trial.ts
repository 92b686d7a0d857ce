import type { AttemptState, Objective, TrialState } from '@unroll/contracts';
import type { DataSource } from 'typeorm';

/** A trial of a study, and its attempt that runs or ran last. */
export interface ToldTrial {
  id: string;
  state: TrialState;
  message: string | null;
  objective: Objective;
  /** Whether its sweep is a study. */
  isStudy: boolean;
  /** Reports of a whole trial. */
  steps: number;
  attemptId: string | null;
  attemptState: AttemptState | null;
  /** Seconds since the attempt began. */
  seconds: number | null;
  /** What was reported so far. */
  value: number | null;
  metrics: Record<string, number>;
  updates: number;
  /** The last step that was reported. */
  lastStep: number;
}

export async function toldTrial(dataSource: DataSource, trialId: string): Promise<ToldTrial> {
  const [row] = await dataSource.query<[ToldTrial]>(
    `select trials.id, trials.state, trials.message, objective, asked is not null as "isStudy", value, metrics, updates,
            (trials.spec -> 'training' ->> 'updates')::integer as steps, latest.id as "attemptId",
            latest.state as "attemptState", seconds_so_far as seconds,
            coalesce((select max(last) from (select updates[cardinality(updates)] as last from metric_chunks where trial_id = trials.id) chunk), 0)
              as "lastStep"
     from trials join sweeps on sweeps.id = sweep_id
     left join lateral (
       select id, state, extract(epoch from clock_timestamp() - started_at)::double precision as seconds_so_far
       from attempts where trial_id = trials.id order by started_at desc limit 1
     ) latest on true
     where trials.id = $1`,
    [trialId],
  );
  return row;
}
