import { isStudy, type SweepView } from '@unroll/contracts';
import { boardPath } from '../../api/queries';
import { LeaderboardCard } from '../leaderboard/LeaderboardCard';

/** The leaderboard of one sweep. */
export function SweepBoard({ sweep }: { sweep: SweepView }) {
  return (
    <LeaderboardCard
      path={boardPath(sweep.id)}
      exportPath={`/v1/sweeps/${sweep.id}/export`}
      exportName={`${sweep.name}-${sweep.id}`}
      nothingYet={
        isStudy(sweep.spec)
          ? 'Rows appear when the trials that were asked for report their first values.'
          : 'Rows appear when trials report their first values. If none appear, check that the fleet has a worker.'
      }
    />
  );
}
