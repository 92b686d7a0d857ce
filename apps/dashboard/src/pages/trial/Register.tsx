import type { ModelVersionView, TrialView } from '@unroll/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { Link } from 'react-router';
import { modelsQuery } from '../../api/queries';
import { sendJson } from '../../api/send-json';
import { useMay } from '../../api/use-may';
import { Button } from '../../design/Button';
import { FormButtons } from '../../design/FormButtons';
import { Icon } from '../../design/Icon';
import { Problem } from '../../design/Messages';
import { Modal } from '../../design/Modal';

/** Under which names and versions the model of a trial is registered; nothing where it is not. */
export function RegisteredAs({ trialId }: { trialId: string }) {
  const { data } = useQuery(modelsQuery());
  const found = (data?.items ?? []).flatMap(({ name, versions }) =>
    versions.flatMap((each) => (each.trialId === trialId ? [{ name, ...each }] : [])),
  );
  if (found.length === 0) return null;
  return (
    <div className="row">
      <span className="muted">Registered as</span>
      {found.map(({ name, version, aliases }) => (
        <Link key={`${name}:${version}`} className="chip" to="/models">
          {name}:{version}
          {aliases.length > 0 && ` (${aliases.join(', ')})`}
        </Link>
      ))}
    </div>
  );
}

/** Registers the model of a trial. */
export function Register({ trial: { id, state } }: { trial: TrialView }) {
  const [open, setOpen] = useState(false);
  const submits = useMay('submitter');
  if (!submits || (state !== 'completed' && state !== 'pruned')) return null;
  return (
    <>
      <Button onClick={() => setOpen(true)}>
        <Icon name="model" />
        Register
      </Button>
      {open && (
        <Modal title={`Register the model of trial ${id}`} close={() => setOpen(false)}>
          <RegisterForm trial={id} close={() => setOpen(false)} />
        </Modal>
      )}
    </>
  );
}

function RegisterForm({ trial, close }: { trial: string; close: () => void }) {
  const client = useQueryClient();
  const { data } = useQuery(modelsQuery());
  const [name, setName] = useState('');
  const [alias, setAlias] = useState('');
  const register = useMutation({
    mutationFn: () =>
      sendJson<ModelVersionView>('POST', `/v1/models/${encodeURIComponent(name.trim())}/versions`, {
        trial,
        aliases: alias.trim() === '' ? [] : [alias.trim()],
      }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['models'] });
      close();
    },
  });
  return (
    <form
      className="stack"
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        register.mutate();
      }}
    >
      <p className="muted">It becomes the next version of the name, and its sweep cannot be deleted while it is.</p>
      <label className="field wide">
        Name
        <input
          value={name}
          maxLength={64}
          list="registered-models"
          required
          autoFocus
          onChange={({ target }) => setName(target.value)}
        />
      </label>
      <datalist id="registered-models">
        {(data?.items ?? []).map((model) => (
          <option key={model.name} value={model.name} />
        ))}
      </datalist>
      <label className="field wide">
        Alias that points at it from now on, such as champion (optional)
        <input value={alias} maxLength={64} onChange={({ target }) => setAlias(target.value)} />
      </label>
      {register.error && <Problem error={register.error} />}
      <FormButtons send="Register" disabled={name.trim() === '' || register.isPending} close={close} />
    </form>
  );
}
