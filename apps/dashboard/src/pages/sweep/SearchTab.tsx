import type { History, Rungs, SweepView } from '@unroll/contracts';
import { useQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import { useNavigate } from 'react-router';
import { historyQuery, rungsQuery } from '../../api/queries';
import { EChart } from '../../charts/EChart';
import { historyOption } from '../../charts/history-option';
import { DataTable, type Column } from '../../design/DataTable';
import { Empty, Loaded } from '../../design/Messages';
import { Card } from '../../design/Page';
import { count, none, number, percent } from '../../format/number';
import { FrontCard } from './FrontCard';

/** The progress of the search: the best value over time, and the stopping rule's verdicts. */
export default function SearchTab({ sweep }: { sweep: SweepView }) {
  const rungs = useQuery(rungsQuery(sweep.id));
  return (
    <>
      {sweep.spec.objectives && <FrontCard id={sweep.id} />}
      <HistoryCard sweepId={sweep.id} />
      <Loaded query={rungs} what="Loading rungs">
        {(answer) => (
          <>
            {(answer.rule !== 'none' || answer.items.length > 0) && <RungsCard rungs={answer} />}
            {answer.pairedTests.length > 0 && <PairedTestsCard tests={answer.pairedTests} />}
          </>
        )}
      </Loaded>
    </>
  );
}

/** The best value over time. */
export function HistoryCard({ sweepId }: { sweepId: string }) {
  const query = useQuery(historyQuery(sweepId));
  return (
    <Loaded query={query} what="Loading the history">
      {(history) => <Shown history={history} />}
    </Loaded>
  );
}

function Shown({ history }: { history: History }) {
  const navigate = useNavigate();
  const option = useCallback(() => historyOption(history), [history]);
  const pick = useCallback(
    (data: unknown) => void navigate(`/trials/${(data as { trialId: string }).trialId}`),
    [navigate],
  );
  const last = history.items.at(-1);
  return (
    <Card
      title="Best so far"
      about={`${history.metric} of each trial in order of completion, and the best value up to then`}
    >
      {last ? (
        <EChart
          label={`Best ${history.metric} after each of ${history.items.length} trials; now ${number(last.best)}`}
          height={280}
          option={option}
          onPick={pick}
        />
      ) : (
        <Empty title="No trial has finished yet" />
      )}
    </Card>
  );
}

type Rung = Rungs['items'][number];

const columns: Column<Rung>[] = [
  { id: 'rung', header: 'Rung', numeric: true, cell: ({ rung }) => rung },
  {
    id: 'updates',
    header: 'At update',
    numeric: true,
    cell: ({ updates }) => [...new Set(updates)].map((update) => count(update)).join(' to '),
  },
  { id: 'came', header: 'Reached', numeric: true, cell: ({ came }) => count(came) },
  { id: 'stopped', header: 'Stopped', numeric: true, cell: ({ stopped }) => count(stopped) },
  {
    id: 'share',
    header: 'Continued',
    numeric: true,
    cell: ({ came, stopped }) => percent(came === 0 ? null : 1 - stopped / came),
  },
  { id: 'best', header: 'Best value', numeric: true, cell: ({ best }) => number(best) },
  {
    id: 'correlation',
    header: 'Rank correlation',
    numeric: true,
    cell: ({ correlation, compared }) =>
      correlation === null ? none : `${correlation.toFixed(2)} of ${count(compared)}`,
  },
];

function RungsCard({ rungs }: { rungs: Rungs }) {
  return (
    <Card
      title="Rungs"
      about={
        `Stopping rule ${rungs.rule}: how many configurations reached each rung, and how many were stopped there. ` +
        'The last column is the rank correlation with the next rung: 1 means the same order.'
      }
      flush
    >
      {rungs.items.length > 0 ? (
        <DataTable caption="Rungs" columns={columns} rows={rungs.items} rowKey={({ rung }) => String(rung)} />
      ) : (
        <Empty title="No verdicts yet">
          <p>
            {rungs.rule === 'none'
              ? 'This sweep trains every trial to completion. Set stopping: asha to stop unpromising trials early.'
              : 'Verdicts appear when configurations reach the first rung.'}
          </p>
        </Empty>
      )}
    </Card>
  );
}

type PairedTest = Rungs['pairedTests'][number];

const pairedColumns: Column<PairedTest>[] = [
  { id: 'seeds', header: 'Seeds', numeric: true, cell: ({ seeds }) => count(seeds) },
  { id: 'came', header: 'Compared', numeric: true, cell: ({ came }) => count(came) },
  { id: 'stopped', header: 'Stopped', numeric: true, cell: ({ stopped }) => count(stopped) },
];

function PairedTestsCard({ tests }: { tests: PairedTest[] }) {
  return (
    <Card
      title="Paired tests"
      about="How many configurations were compared with the best one on their first seeds, and how many trained no further ones."
      flush
    >
      <DataTable caption="Paired tests" columns={pairedColumns} rows={tests} rowKey={({ seeds }) => String(seeds)} />
    </Card>
  );
}
