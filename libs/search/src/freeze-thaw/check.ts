import { distributions, isResuming, ValidationError, type SweepSpec } from '@unroll/contracts';
import { searched } from '../space/searched';

const lengths = ['training.updates', 'training.epochs', 'training.reportEvery'];

/** Requires trainings of one length, whose rungs and ends can be compared. @throws ValidationError */
export function checkResuming(spec: SweepSpec): void {
  if (!spec.stopping || !isResuming(spec.stopping.rule)) return;
  const path = distributions(searched(spec))
    .map(([each]) => each)
    .find((each) => lengths.includes(each));
  if (path === undefined) return;
  const message = `must be one number with stopping.rule ${spec.stopping.rule}, which compares trainings of one length`;
  throw new ValidationError([{ path, message }]);
}
