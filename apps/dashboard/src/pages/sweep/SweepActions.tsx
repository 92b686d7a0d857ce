import type { SweepView } from '@unroll/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useNavigate } from 'react-router';
import { call } from '../../api/client';
import { putSweep } from '../../api/live';
import { sendJson } from '../../api/send-json';
import { Button } from '../../design/Button';
import { FormButtons } from '../../design/FormButtons';
import { Problem } from '../../design/Messages';
import { Modal } from '../../design/Modal';
import { ArchiveButton } from '../details/ArchiveButton';

type Dialog = 'cancel' | 'delete' | 'extend' | null;

/** The actions available for a sweep in its current state. Irreversible ones ask for confirmation. */
export function SweepActions({ sweep }: { sweep: SweepView }) {
  const [dialog, open] = useState<Dialog>(null);
  const act = useAction(sweep);
  const { state } = sweep;
  const isOpen = state === 'running' || state === 'paused';
  return (
    <>
      {state === 'running' && <Button onClick={() => act.mutate({ verb: 'pause' })}>Pause</Button>}
      {state === 'paused' && <Button onClick={() => act.mutate({ verb: 'resume' })}>Resume</Button>}
      {['running', 'paused', 'completed'].includes(state) && <Button onClick={() => open('extend')}>Add trials</Button>}
      {isOpen ? (
        <Button kind="danger" onClick={() => open('cancel')}>
          Cancel sweep
        </Button>
      ) : (
        <>
          <Archive sweep={sweep} />
          <Button kind="danger" onClick={() => open('delete')}>
            Delete
          </Button>
        </>
      )}
      {act.error && dialog === null && <Problem error={act.error} />}
      {dialog === 'extend' && <Extend sweep={sweep} close={() => open(null)} />}
      {(dialog === 'cancel' || dialog === 'delete') && <Confirm sweep={sweep} verb={dialog} close={() => open(null)} />}
    </>
  );
}

function Archive({ sweep: { id, archived } }: { sweep: SweepView }) {
  const client = useQueryClient();
  const change = async (next: boolean): Promise<void> => {
    putSweep(client, await sendJson<SweepView>('PATCH', `/v1/sweeps/${id}/details`, { archived: next }));
    await client.invalidateQueries({ queryKey: ['sweeps'] });
  };
  return <ArchiveButton archived={archived} change={change} />;
}

interface Action {
  verb: 'pause' | 'resume' | 'cancel' | 'extend' | 'delete';
  trials?: number;
}

function useAction({ id }: SweepView, then?: () => void) {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: ({ verb, trials }: Action): Promise<SweepView | undefined> =>
      verb === 'delete'
        ? call(`/v1/sweeps/${id}`, { method: 'DELETE' })
        : call(`/v1/sweeps/${id}/${verb}`, {
            method: 'POST',
            ...(trials === undefined
              ? {}
              : {
                  body: JSON.stringify({ trials }),
                  headers: { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() },
                }),
          }),
    onSuccess: async (sweep) => {
      then?.();
      if (sweep) return putSweep(client, sweep);
      await navigate('/sweeps');
      client.removeQueries({ queryKey: ['sweep', id] });
      await client.invalidateQueries({ queryKey: ['sweeps'] });
    },
  });
}

const questions = {
  cancel: {
    title: 'Cancel this sweep?',
    text: 'Running trials stop now, and pending trials will not start. Results so far are kept.',
    yes: 'Cancel sweep',
  },
  delete: {
    title: 'Delete this sweep?',
    text: 'Its trials, curves and models are deleted too, for everyone.',
    yes: 'Delete',
  },
} as const;

function Confirm({ sweep, verb, close }: { sweep: SweepView; verb: 'cancel' | 'delete'; close: () => void }) {
  const act = useAction(sweep, close);
  const { title, text, yes } = questions[verb];
  return (
    <Modal title={title} close={close}>
      <p>
        <strong>{sweep.name}</strong> <code className="muted">{sweep.id}</code>
      </p>
      <p className="muted">{text}</p>
      {act.error && <Problem error={act.error} />}
      <div className="row">
        <Button kind="danger" disabled={act.isPending} onClick={() => act.mutate({ verb })}>
          {yes}
        </Button>
        <Button onClick={close}>Keep sweep</Button>
      </div>
    </Modal>
  );
}

function Extend({ sweep, close }: { sweep: SweepView; close: () => void }) {
  const [trials, setTrials] = useState(10);
  const act = useAction(sweep, close);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    act.mutate({ verb: 'extend', trials });
  };
  return (
    <Modal title="Add trials" close={close}>
      <form className="stack" onSubmit={submit}>
        <label className="field wide">
          Configurations to add
          <input
            type="number"
            min={1}
            step={1}
            required
            value={trials}
            onChange={({ target }) => setTrials(target.valueAsNumber)}
          />
        </label>
        {act.error && <Problem error={act.error} />}
        <FormButtons send="Add" disabled={act.isPending || !(trials >= 1)} close={close} />
      </form>
    </Modal>
  );
}
