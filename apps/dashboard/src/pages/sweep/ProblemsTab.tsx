import type { SweepView, TrialView } from '@unroll/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from 'react-router';
import { call } from '../../api/client';
import { trialsQuery } from '../../api/queries';
import { useMay } from '../../api/use-may';
import { Button } from '../../design/Button';
import { DataTable, type Column } from '../../design/DataTable';
import { Empty, Loaded, Problem } from '../../design/Messages';
import { Card } from '../../design/Page';
import { State } from '../../design/State';
import { count } from '../../format/number';
import { parametersText } from '../../format/parameters';

/** The trials that diverged or failed, each with its reason. */
export default function ProblemsTab({ sweep }: { sweep: SweepView }) {
  const { diverged, failed } = sweep.trials;
  if (diverged + failed === 0)
    return (
      <div className="card">
        <Empty title="No diverged or failed trials">
          <p>If a loss becomes infinite or a trainer crashes, the trial is listed here with the reason.</p>
        </Empty>
      </div>
    );
  return (
    <>
      {failed > 0 && <List sweep={sweep} state="failed" total={failed} />}
      {diverged > 0 && <List sweep={sweep} state="diverged" total={diverged} />}
    </>
  );
}

const about = {
  failed: 'These trials ended with an error after automatic retries. Retry them once the cause is fixed.',
  diverged: 'The loss or gradient of these trials became infinite or exploded. Try a lower learning rate or clipNorm.',
} as const;

function List({ sweep, state, total }: { sweep: SweepView; state: 'failed' | 'diverged'; total: number }) {
  const query = useQuery(trialsQuery(sweep.id, state));
  return (
    <Loaded query={query} what={`Loading ${state} trials`}>
      {({ items }) => (
        <Card
          title={state === 'failed' ? 'Failed' : 'Diverged'}
          about={`${about[state]}${items.length < total ? ` Showing the first ${count(items.length)} of ${count(total)}.` : ''}`}
          flush
        >
          <DataTable
            caption={`${state === 'failed' ? 'Failed' : 'Diverged'} trials`}
            columns={columns}
            rows={items}
            rowKey={({ id }) => id}
          />
        </Card>
      )}
    </Loaded>
  );
}

const columns: Column<TrialView>[] = [
  {
    id: 'trial',
    header: 'Trial',
    cell: ({ id }) => (
      <Link to={`/trials/${id}`} className="mono">
        {id}
      </Link>
    ),
  },
  { id: 'state', header: 'State', cell: ({ state }) => <State state={state} /> },
  { id: 'message', header: 'Reason', cell: ({ message }) => <span className="reason">{message}</span> },
  { id: 'parameters', header: 'Parameters', cell: ({ parameters }) => parametersText(parameters) },
  { id: 'updates', header: 'Updates', numeric: true, cell: ({ updates }) => count(updates) },
  {
    id: 'retry',
    header: 'Retry',
    hiddenHeader: true,
    cell: ({ id, state }) => (state === 'failed' ? <Retry id={id} /> : null),
  },
];

export function Retry({ id }: { id: string }) {
  const client = useQueryClient();
  const retry = useMutation({
    mutationFn: () => call(`/v1/trials/${id}/retry`, { method: 'POST' }),
    onSuccess: () => client.invalidateQueries(),
  });
  if (!useMay('submitter')) return null;
  return (
    <>
      <Button small disabled={retry.isPending} onClick={() => retry.mutate()}>
        Retry
      </Button>
      {retry.error && <Problem error={retry.error} />}
    </>
  );
}
