import type { MetricSeries, TrialState } from '@unroll/contracts';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { metricsQuery } from '../../api/queries';
import { readCurveState } from '../../charts/curve-state';
import Curves from '../../charts/Curves';
import { CurveOptions } from '../../charts/CurveOptions';
import { Legend } from '../../charts/Legend';
import { category } from '../../charts/palette';
import { Empty, Loaded } from '../../design/Messages';
import { Card } from '../../design/Page';
import { useTheme } from '../../design/theme';
import { useSearch } from '../../charts/own-search';

/** The curves of a trial; the same metric on different data (`train.loss`, `validation.loss`) shares a chart. */
export function TrialCurves({ id, state, isStudy = false }: { id: string; state: TrialState; isStudy?: boolean }) {
  const query = useQuery(metricsQuery(id));
  return (
    <Card title="Curves" actions={<CurveOptions />}>
      <Loaded query={query} what="Loading curves">
        {({ series }) => {
          const shown = series.filter(({ updates }) => updates.length > 0);
          if (shown.length > 0)
            return (
              <div className="slices wide">
                {groups(shown).map(([name, members]) => (
                  <Group key={name} name={name} members={members} />
                ))}
              </div>
            );
          return (
            <Empty title="No curves">
              <p>
                {state !== 'pending'
                  ? 'The trial has not reported anything.'
                  : isStudy
                    ? 'The trial waits until someone asks for it.'
                    : 'The trial is waiting for a worker.'}
              </p>
            </Empty>
          );
        }}
      </Loaded>
    </Card>
  );
}

/** Metrics grouped by name without the prefix of the data they are measured on. */
function groups(series: readonly MetricSeries[]): [string, MetricSeries[]][] {
  const by = new Map<string, MetricSeries[]>();
  for (const one of series) {
    const name = one.name.split('.').slice(1).join('.') || one.name;
    by.set(name, [...(by.get(name) ?? []), one]);
  }
  return [...by];
}

function Group({ name, members }: { name: string; members: readonly MetricSeries[] }) {
  const theme = useTheme();
  const [search] = useSearch();
  const { smoothing, logarithmic } = readCurveState(search);
  const curves = useMemo(
    () =>
      members.map(({ name: label, updates, values }, index) => ({
        key: label,
        label,
        updates,
        values,
        colour: category(theme, index),
      })),
    [members, theme],
  );
  return (
    <div>
      <h3>{name}</h3>
      <Curves
        label={`${members.map((one) => one.name).join(' and ')} over updates`}
        curves={curves}
        height={220}
        smoothing={smoothing}
        logarithmic={logarithmic}
      />
      <Legend curves={curves} />
    </div>
  );
}
