import type { Comparison, TrialView } from '@unroll/contracts';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError } from '../../api/client';
import { comparisonQuery } from '../../api/queries';
import { DataTable, type Column } from '../../design/DataTable';
import { Empty, Loaded } from '../../design/Messages';
import { Card, Facts } from '../../design/Page';
import { count, number } from '../../format/number';
import { whyIncomparable } from './incomparable';

/** The configurations of two trials, paired by seed: whether the difference is significant. */
export function PairsCard({ trials }: { trials: readonly TrialView[] }) {
  const ids = trials.map(({ id }) => id);
  const [wanted, want] = useState<{ first: string; second: string }>({ first: ids[0]!, second: ids[1]! });
  const first = ids.includes(wanted.first) ? wanted.first : ids[0]!;
  const second =
    ids.includes(wanted.second) && wanted.second !== first ? wanted.second : ids.find((id) => id !== first)!;
  const query = useQuery(comparisonQuery(first, second));
  const of = (wantedId: string): TrialView => trials.find(({ id }) => id === wantedId)!;
  return (
    <Card
      title="Paired by seed"
      about="The configurations of two trials, on every seed that both were trained with"
      actions={
        ids.length > 2 && (
          <>
            <Choice label="First" ids={ids} value={first} choose={(id) => want({ first: id, second })} />
            <Choice
              label="Second"
              ids={ids.filter((id) => id !== first)}
              value={second}
              choose={(id) => want({ first, second: id })}
            />
          </>
        )
      }
    >
      {query.error instanceof ApiError && query.error.status === 422 ? (
        <Empty title="These two cannot be compared seed by seed">
          <p>{whyIncomparable(of(first), of(second)) ?? query.error.message}</p>
        </Empty>
      ) : (
        <Loaded query={query} what="Comparing">
          {(comparison) => <Shown comparison={comparison} />}
        </Loaded>
      )}
    </Card>
  );
}

interface ChoiceProps {
  label: string;
  ids: readonly string[];
  value: string;
  choose: (id: string) => void;
}

function Choice({ label, ids, value, choose }: ChoiceProps) {
  return (
    <label className="field">
      {label}
      <select value={value} onChange={({ target }) => choose(target.value)}>
        {ids.map((id) => (
          <option key={id}>{id}</option>
        ))}
      </select>
    </label>
  );
}

const span = (interval: [number, number] | null): string | undefined =>
  interval ? `95 % interval ${number(interval[0])} to ${number(interval[1])}` : undefined;

function Shown({ comparison: { first, second, pairs, difference, objective } }: { comparison: Comparison }) {
  return (
    <div className="stack">
      <Facts
        items={[
          { name: `${first.trialId}, ${count(first.n)} seeds`, value: number(first.mean), note: span(first.interval) },
          {
            name: `${second.trialId}, ${count(second.n)} seeds`,
            value: number(second.mean),
            note: span(second.interval),
          },
          difference
            ? { name: 'First − second', value: number(difference.mean), note: span(difference.interval) }
            : { name: 'First − second', value: '–', note: 'needs two seeds in common: submit with repeats' },
          ...(difference
            ? [
                {
                  name: 'Significance',
                  value: `p = ${number(difference.p, 2)}`,
                  note: `paired t-test, ${difference.n} pairs`,
                },
              ]
            : []),
        ]}
      />
      {pairs.length > 0 && (
        <div className="framed">
          <DataTable
            caption={`${objective.metric} by seed`}
            columns={pairColumns(first.trialId, second.trialId)}
            rows={pairs}
            rowKey={({ seed }) => String(seed)}
          />
        </div>
      )}
    </div>
  );
}

const pairColumns = (first: string, second: string): Column<Comparison['pairs'][number]>[] => [
  { id: 'seed', header: 'Seed', numeric: true, cell: ({ seed }) => seed },
  { id: 'first', header: first, numeric: true, cell: (pair) => number(pair.first) },
  { id: 'second', header: second, numeric: true, cell: (pair) => number(pair.second) },
  { id: 'difference', header: 'First − second', numeric: true, cell: (pair) => number(pair.first - pair.second) },
];
