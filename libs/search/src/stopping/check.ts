import { tasks, ValidationError, type SweepSpec } from '@unroll/contracts';
import { getTaskKinds } from '../objective';

/** Refuses minTokens for a task that does not read a stream of tokens. @throws ValidationError */
export function checkUnit({ task, stopping }: SweepSpec): void {
  const other = getTaskKinds(task).find((kind) => tasks[kind].reads !== 'stream');
  if (stopping?.minTokens === undefined || other === undefined) return;
  throw new ValidationError([
    {
      path: 'stopping.minTokens',
      message: `${other} reads examples, not a stream of tokens: use minEpochs or minUpdates`,
    },
  ]);
}
