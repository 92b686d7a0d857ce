import type { WebhookView } from '@unroll/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../api/client';
import { webhooksQuery } from '../../api/queries';
import { Button } from '../../design/Button';
import { DataTable, type Column } from '../../design/DataTable';
import { Empty, Loaded, Problem } from '../../design/Messages';
import { Modal } from '../../design/Modal';
import { Card } from '../../design/Page';
import { at } from '../../format/time';
import { CreateWebhook } from './CreateWebhook';
import { DeliveriesCard } from './DeliveriesCard';

/** Addresses that are told what happens to sweeps, and what was sent to each. */
export function WebhooksTab() {
  const query = useQuery(webhooksQuery());
  const [creating, setCreating] = useState(false);
  const [chosen, choose] = useState<string>();
  return (
    <Loaded query={query} what="Loading webhooks">
      {({ items }) => {
        const shown = items.find(({ id }) => id === chosen) ?? items[0];
        return (
          <>
            <Card
              title="Webhooks"
              about="Programs and Slack channels that are told of the end, failure or new best of a sweep"
              flush
              actions={
                <Button kind="primary" onClick={() => setCreating(true)}>
                  Add webhook
                </Button>
              }
            >
              {items.length === 0 ? (
                <Empty title="No webhooks">
                  <p>Each message is signed, and sent again until it is answered.</p>
                </Empty>
              ) : (
                <DataTable
                  caption="Webhooks"
                  columns={columns(choose)}
                  rows={items}
                  rowKey={({ id }) => id}
                  isChosen={({ id }) => items.length > 1 && id === shown?.id}
                />
              )}
            </Card>
            {shown && <DeliveriesCard key={shown.id} webhook={shown} />}
            {creating && <CreateWebhook close={() => setCreating(false)} />}
          </>
        );
      }}
    </Loaded>
  );
}

const columns = (choose: (id: string) => void): Column<WebhookView>[] => [
  {
    id: 'host',
    header: 'Sent to',
    cell: ({ host, kind }) => (
      <span className="named">
        <strong>{host}</strong>
        <span className="small muted">{kind === 'slack' ? 'Slack' : 'signed JSON'}</span>
      </span>
    ),
  },
  { id: 'events', header: 'Events', cell: ({ events }) => events.join(', ') },
  { id: 'author', header: 'Made by', cell: ({ author }) => author },
  {
    id: 'created',
    header: 'Made',
    numeric: true,
    cell: ({ createdAt }) => <span className="muted">{at(createdAt)}</span>,
  },
  {
    id: 'actions',
    header: 'Actions',
    hiddenHeader: true,
    numeric: true,
    cell: (webhook) => <Actions of={webhook} choose={choose} />,
  },
];

function Actions({ of: { id, host }, choose }: { of: WebhookView; choose: (id: string) => void }) {
  const client = useQueryClient();
  const [asking, ask] = useState(false);
  const done = () => client.invalidateQueries({ queryKey: ['webhooks'] });
  const test = useMutation({ mutationFn: () => call(`/v1/webhooks/${id}/test`, { method: 'POST' }), onSuccess: done });
  const remove = useMutation({ mutationFn: () => call(`/v1/webhooks/${id}`, { method: 'DELETE' }), onSuccess: done });
  const sendTest = (): void => {
    choose(id);
    test.mutate();
  };
  return (
    <span className="row tight">
      <Button small onClick={() => choose(id)} aria-label={`Deliveries to ${host}`}>
        Deliveries
      </Button>
      <Button small disabled={test.isPending} onClick={sendTest} aria-label={`Send a test to ${host}`}>
        Test
      </Button>
      <Button small kind="danger" onClick={() => ask(true)} aria-label={`Delete the webhook to ${host}`}>
        Delete
      </Button>
      {test.error && <Problem error={test.error} />}
      {asking && (
        <Modal title={`Delete the webhook to ${host}?`} close={() => ask(false)}>
          <p className="muted">Nothing is sent to it from now on, and what was sent is forgotten.</p>
          {remove.error && <Problem error={remove.error} />}
          <div className="row">
            <Button kind="danger" disabled={remove.isPending} onClick={() => remove.mutate()}>
              Delete
            </Button>
            <Button onClick={() => ask(false)}>Keep</Button>
          </div>
        </Modal>
      )}
    </span>
  );
}
