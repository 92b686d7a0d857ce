import type { ChartTab } from '@unroll/contracts';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { boardsQuery, sweepsQuery } from '../../api/queries';
import { Button } from '../../design/Button';
import { chartText } from './chart-text';

const kinds: readonly { tab: ChartTab; label: string }[] = [
  { tab: 'leaderboard', label: 'Leaderboard' },
  { tab: 'curves', label: 'Learning curves' },
  { tab: 'parameters', label: 'Parameter importance' },
  { tab: 'parallel', label: 'Parallel coordinates' },
  { tab: 'search', label: 'Best so far' },
];

/** Adds a chart of a sweep that is chosen from the latest ones, or a leaderboard of all sweeps. */
export function AddChart({ add }: { add: (line: string) => void }) {
  const sweeps = useQuery(sweepsQuery()).data?.items ?? [];
  const boards = useQuery(boardsQuery()).data?.items ?? [];
  const [tab, setTab] = useState<ChartTab>('leaderboard');
  const [chosen, choose] = useState('');
  const places = [
    ...sweeps.map(({ id, name, spec }) => ({
      ...{ key: id, name, address: `/sweeps/${id}?tab=${tab}` },
      searched: spec.objectives ? 'Pareto front' : 'Best so far',
    })),
    ...boards.map(({ id, metric, dataset }) => ({
      key: `${id} ${metric}`,
      searched: '',
      name: `all sweeps on ${dataset}, ${metric}`,
      address: `/board?${new URLSearchParams({ board: id, metric }).toString()}`,
    })),
  ];
  const place = places.find(({ key }) => key === chosen) ?? places[0];
  if (!place) return null;
  const isBoard = place.address.startsWith('/board');
  const labelOf = (kind: (typeof kinds)[number]): string => (kind.tab === 'search' ? place.searched : kind.label);
  const label = isBoard ? 'Leaderboard' : labelOf(kinds.find((kind) => kind.tab === tab)!);
  return (
    <div className="row">
      <label className="field">
        Chart
        <select value={isBoard ? 'leaderboard' : tab} onChange={({ target }) => setTab(target.value as ChartTab)}>
          {kinds
            .filter((kind) => !isBoard || kind.tab === 'leaderboard')
            .map((kind) => (
              <option key={kind.tab} value={kind.tab}>
                {labelOf(kind)}
              </option>
            ))}
        </select>
      </label>
      <label className="field">
        of
        <select value={place.key} onChange={({ target }) => choose(target.value)}>
          {places.map(({ key, name }) => (
            <option key={key} value={key}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <Button onClick={() => add(chartText(`${label} of ${place.name}`, place.address))}>Add chart</Button>
    </div>
  );
}
