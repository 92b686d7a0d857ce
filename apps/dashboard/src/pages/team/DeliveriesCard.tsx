import type { DeliveryView, WebhookView } from '@unroll/contracts';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { deliveriesQuery } from '../../api/queries';
import { DataTable, type Column } from '../../design/DataTable';
import { Empty, Loaded } from '../../design/Messages';
import { Card } from '../../design/Page';
import { State } from '../../design/State';
import { useNow } from '../../design/use-now';
import { count, none } from '../../format/number';
import { ago, at } from '../../format/time';

/** What was sent to a webhook, and what came of it. */
export function DeliveriesCard({ webhook: { id, host } }: { webhook: WebhookView }) {
  const query = useQuery(deliveriesQuery(id));
  const now = useNow();
  return (
    <Loaded query={query} what="Loading deliveries">
      {({ items }) => (
        <Card title="Deliveries" about={`The newest messages to ${host}`} flush>
          {items.length === 0 ? (
            <Empty title="Nothing was sent yet">
              <p>Send a test to see whether it arrives.</p>
            </Empty>
          ) : (
            <DataTable caption="Deliveries" columns={columns(now)} rows={items} rowKey={(row) => row.id} />
          )}
        </Card>
      )}
    </Loaded>
  );
}

const columns = (now: number): Column<DeliveryView>[] => [
  { id: 'event', header: 'Event', cell: ({ message }) => message.type },
  {
    id: 'of',
    header: 'Of',
    cell: ({ message: { data } }) =>
      data.sweepId ? <Link to={`/sweeps/${data.sweepId}`}>{data.name}</Link> : <span className="muted">{none}</span>,
  },
  {
    id: 'state',
    header: 'State',
    cell: ({ state, problem, nextAt }) => (
      <span className="named">
        <State state={state} />
        {problem && <span className="small muted">{problem}</span>}
        {state === 'pending' && problem && <span className="small muted">again at {at(nextAt)}</span>}
      </span>
    ),
  },
  { id: 'attempts', header: 'Attempts', numeric: true, cell: ({ attempts }) => count(attempts) },
  { id: 'status', header: 'Status', numeric: true, cell: ({ status }) => status ?? none },
  {
    id: 'at',
    header: 'Made',
    numeric: true,
    cell: ({ createdAt }) => <span className="muted">{ago(createdAt, now)}</span>,
  },
];
