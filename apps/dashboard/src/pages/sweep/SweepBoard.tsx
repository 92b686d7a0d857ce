import { isStudy, type SweepView } from '@unroll/contracts';
import { boardPath } from '../../api/queries';
import type { Nothing } from '../leaderboard/Board';
import { LeaderboardCard } from '../leaderboard/LeaderboardCard';

/** The leaderboard of one sweep. */
export function SweepBoard({ sweep }: { sweep: SweepView }) {
  return (
    <LeaderboardCard
      path={boardPath(sweep.id)}
      exportPath={`/v1/sweeps/${sweep.id}/export`}
      exportName={`${sweep.name}-${sweep.id}`}
      nothing={nothingOf(sweep)}
    />
  );
}

/** What stands where a sweep has no rows. */
function nothingOf({ spec, finishedAt, trials }: SweepView): Nothing {
  if (finishedAt)
    return {
      title: 'No results',
      text:
        trials.failed + trials.diverged > 0
          ? 'No trial ended with a value. “Diverged and failed” has the reasons.'
          : 'The sweep ended before a trial did.',
    };
  return {
    title: 'No results yet',
    text: isStudy(spec)
      ? 'Rows appear when the trials that were asked for report their first values.'
      : 'Rows appear when trials report their first values. If none appear, check that the fleet has a worker.',
  };
}
