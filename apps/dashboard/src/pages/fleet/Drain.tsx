import type { Drain as Leaving, WorkerView } from '@unroll/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../api/client';
import { sendJson } from '../../api/send-json';
import { Button } from '../../design/Button';
import { Problem } from '../../design/Messages';
import { Modal } from '../../design/Modal';

/** Asks a worker to leave the fleet, or takes that back. */
export function Drain({ worker }: { worker: WorkerView }) {
  const { id, host, drain, silent } = worker;
  const client = useQueryClient();
  const [asking, ask] = useState(false);
  const change = useMutation({
    mutationFn: (how: Leaving | null) =>
      how === null
        ? call<WorkerView>(`/v1/workers/${id}/resume`, { method: 'POST' })
        : sendJson<WorkerView>('POST', `/v1/workers/${id}/drain`, { running: how }),
    onSuccess: async () => {
      ask(false);
      await client.invalidateQueries({ queryKey: ['workers'] });
    },
  });
  const name = `worker ${id} on ${host}`;
  if (silent) return null;
  if (drain !== null)
    return (
      <>
        <Button small aria-label={`Resume ${name}`} disabled={change.isPending} onClick={() => change.mutate(null)}>
          Resume
        </Button>
        {change.error && <Problem error={change.error} />}
      </>
    );
  return (
    <>
      <Button small aria-label={`Drain ${name}`} onClick={() => ask(true)}>
        Drain
      </Button>
      {asking && (
        <Modal title={`Drain ${name}?`} close={() => ask(false)}>
          <p className="muted">It takes no more trials and leaves the fleet. Until it has left, it can be resumed.</p>
          {change.error && <Problem error={change.error} />}
          <div className="row">
            <Button kind="primary" disabled={change.isPending} onClick={() => change.mutate('finish')}>
              Finish what it trains
            </Button>
            <Button disabled={change.isPending} onClick={() => change.mutate('release')}>
              Leave at once
            </Button>
            <Button kind="plain" onClick={() => ask(false)}>
              Keep it
            </Button>
          </div>
          <p className="small muted">Trials of a worker that leaves at once continue elsewhere, from a checkpoint.</p>
        </Modal>
      )}
    </>
  );
}
