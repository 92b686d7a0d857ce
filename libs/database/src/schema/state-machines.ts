import { sweepMoves } from '../sweeps/lifecycle';
import { attemptMoves, trialMoves } from '../trials/lifecycle';

/**
 * The database refuses a change of state that no lifecycle table has. The condition belongs to the trigger, so that the function is
 * called for a refusal only: an allowed move costs one comparison.
 */
const guarded = (table: string, moves: Readonly<Record<string, readonly string[]>>): string => {
  const pairs = Object.entries(moves).flatMap(([from, targets]) => targets.map((to) => `'${from} ${to}'`));
  return `create or replace trigger ${table}_lifecycle before update of state on ${table} for each row
   when (old.state is distinct from new.state and (old.state || ' ' || new.state) not in (${pairs.join(', ')}))
   execute function refuse_move()`;
};

export const stateMachines = [
  `create or replace function refuse_move() returns trigger language plpgsql as $$
  begin
    raise exception '%: a state cannot change from % to %', tg_table_name, old.state, new.state using errcode = 'check_violation';
  end $$`,
  guarded('trials', trialMoves),
  guarded('attempts', attemptMoves),
  guarded('sweeps', sweepMoves),
];
