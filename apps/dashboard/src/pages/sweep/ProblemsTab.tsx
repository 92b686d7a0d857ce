import type { SweepView, TrialView } from '@unroll/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from 'react-router';
import { call } from '../../api/client';
import { trialsQuery } from '../../api/queries';
import { Button } from '../../design/Button';
import { DataTable, type Column } from '../../design/DataTable';
import { Empty, Loaded, Problem } from '../../design/Messages';
import { Card } from '../../design/Page';
import { State } from '../../design/State';
import { count } from '../../format/number';
import { parametersText } from '../../format/parameters';

/** The trials that diverged or failed, with the reason of each. */
export default function ProblemsTab({ sweep }: { sweep: SweepView }) {
  const { diverged, failed } = sweep.trials;
  if (diverged + failed === 0)
    return (
      <div className="card">
        <Empty title="No trial diverged or failed">
          <p>Where a loss becomes infinite or a trainer crashes, the trial stands here with its reason.</p>
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
  failed: 'An error ended them; each was tried again first. Retry them once the reason is gone.',
  diverged: 'Their loss or gradient became infinite or exploded. A lower learning rate or clipNorm may help.',
} as const;

function List({ sweep, state, total }: { sweep: SweepView; state: 'failed' | 'diverged'; total: number }) {
  const query = useQuery(trialsQuery(sweep.id, state));
  return (
    <Loaded query={query} what={`Loading trials that ${state}`}>
      {({ items }) => (
        <Card
          title={state === 'failed' ? 'Failed' : 'Diverged'}
          about={`${about[state]}${items.length < total ? ` The first ${count(items.length)} of ${count(total)}.` : ''}`}
          flush
        >
          <DataTable caption={`Trials that ${state}`} columns={columns} rows={items} rowKey={({ id }) => id} />
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
  return (
    <>
      <Button small disabled={retry.isPending} onClick={() => retry.mutate()}>
        Retry
      </Button>
      {retry.error && <Problem error={retry.error} />}
    </>
  );
}
