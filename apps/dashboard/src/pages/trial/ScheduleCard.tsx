import type { TrialView } from '@unroll/contracts';
import { useCallback } from 'react';
import { EChart } from '../../charts/EChart';
import { changedNumbers, scheduleOption } from '../../charts/schedule-option';
import { Card } from '../../design/Page';
import { theme } from '../../design/theme';
import { shortPath } from '../../format/parameters';

/** How population-based training changed the parameters of a trial. */
export function ScheduleCard({ trial }: { trial: TrialView }) {
  const paths = changedNumbers(trial.schedule);
  if (paths.length === 0) return null;
  return (
    <Card
      title="Schedule"
      about="Parameters as the population changed them; red dots: where the trial went on from the weights of another"
    >
      <div className="slices wide">
        {paths.map((path) => (
          <Changed key={path} trial={trial} path={path} />
        ))}
      </div>
    </Card>
  );
}

function Changed({ trial, path }: { trial: TrialView; path: string }) {
  const option = useCallback(() => scheduleOption(trial, path, theme()), [trial, path]);
  return (
    <div>
      <h3>{shortPath(path)}</h3>
      <EChart label={`${path} over updates`} height={220} option={option} />
    </div>
  );
}
