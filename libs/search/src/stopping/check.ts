import { tasks, ValidationError, type SweepSpec } from '@unroll/contracts';
import { getTaskKinds } from '../objective';

/** Refuses to count tokens for a task that reads no stream of them. @throws ValidationError */
export function checkUnit({ task, stopping }: SweepSpec): void {
  const other = getTaskKinds(task).find((kind) => tasks[kind].reads !== 'stream');
  if (stopping?.minTokens === undefined || other === undefined) return;
  throw new ValidationError([
    {
      path: 'stopping.minTokens',
      message: `${other} reads examples, not a stream of tokens: give minEpochs or minUpdates`,
    },
  ]);
}
