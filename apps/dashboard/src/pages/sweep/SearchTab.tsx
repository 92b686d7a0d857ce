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

/** How the search went: the best so far, and what the stopping rule did. */
export default function SearchTab({ sweep }: { sweep: SweepView }) {
  const history = useQuery(historyQuery(sweep.id));
  const rungs = useQuery(rungsQuery(sweep.id));
  return (
    <>
      <Loaded query={history} what="Loading the history">
        {(answer) => <HistoryCard history={answer} />}
      </Loaded>
      <Loaded query={rungs} what="Loading rungs">
        {(answer) => <RungsCard rungs={answer} />}
      </Loaded>
    </>
  );
}

function HistoryCard({ history }: { history: History }) {
  const navigate = useNavigate();
  const option = useCallback(() => historyOption(history), [history]);
  const pick = useCallback(
    (data: unknown) => void navigate(`/trials/${(data as { trialId: string }).trialId}`),
    [navigate],
  );
  const last = history.items.at(-1);
  return (
    <Card title="Best so far" about={`${history.metric} of each trial as it finished, and the best up to then`}>
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
  { id: 'came', header: 'Came', numeric: true, cell: ({ came }) => count(came) },
  { id: 'stopped', header: 'Stopped', numeric: true, cell: ({ stopped }) => count(stopped) },
  {
    id: 'share',
    header: 'Went on',
    numeric: true,
    cell: ({ came, stopped }) => percent(came === 0 ? null : 1 - stopped / came),
  },
  { id: 'best', header: 'Best there', numeric: true, cell: ({ best }) => number(best) },
  {
    id: 'correlation',
    header: 'Order held to the next',
    numeric: true,
    cell: ({ correlation, compared }) =>
      correlation === null ? none : `${correlation.toFixed(2)} of ${count(compared)}`,
  },
];

function RungsCard({ rungs }: { rungs: Rungs }) {
  return (
    <Card
      title="Rungs"
      about={`Stopping rule ${rungs.rule}: who came to each rung and who was stopped there. The last column is the rank correlation with the next rung, 1 where the order is the same.`}
      flush
    >
      {rungs.items.length > 0 ? (
        <DataTable caption="Rungs" columns={columns} rows={rungs.items} rowKey={({ rung }) => String(rung)} />
      ) : (
        <Empty title="No verdict yet">
          <p>
            {rungs.rule === 'none'
              ? 'This sweep trains every trial to its end. stopping: asha ends early what will not win.'
              : 'Verdicts come at the first rung.'}
          </p>
        </Empty>
      )}
    </Card>
  );
}
