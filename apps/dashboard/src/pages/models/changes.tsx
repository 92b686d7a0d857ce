import type { ModelVersionView } from '@unroll/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { call } from '../../api/client';
import { sendJson } from '../../api/send-json';
import { Button } from '../../design/Button';
import { FormButtons } from '../../design/FormButtons';
import { Problem } from '../../design/Messages';
import { Modal } from '../../design/Modal';

/** Points an alias at a version. */
export function PointAlias({ name, version }: { name: string; version: number }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button small aria-label={`Point an alias at ${name} version ${version}`} onClick={() => setOpen(true)}>
        Alias
      </Button>
      {open && (
        <Modal title={`An alias for ${name} version ${version}`} close={() => setOpen(false)}>
          <AliasForm name={name} version={version} close={() => setOpen(false)} />
        </Modal>
      )}
    </>
  );
}

function AliasForm({ name, version, close }: { name: string; version: number; close: () => void }) {
  const client = useQueryClient();
  const [alias, setAlias] = useState('champion');
  const change = useMutation({
    mutationFn: () =>
      sendJson('POST', `/v1/models/${encodeURIComponent(name)}/aliases`, { alias: alias.trim(), version }),
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
        change.mutate();
      }}
    >
      <p className="muted">It points at this version from now on, whatever it pointed at before.</p>
      <label className="field wide">
        Alias
        <input value={alias} maxLength={64} required autoFocus onChange={({ target }) => setAlias(target.value)} />
      </label>
      {change.error && <Problem error={change.error} />}
      <FormButtons send="Save" disabled={alias.trim() === '' || change.isPending} close={close} />
    </form>
  );
}

/** Deletes a version that no alias points at. */
export function DeleteVersion({ name, version: { version, aliases } }: { name: string; version: ModelVersionView }) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => call(`/v1/models/${encodeURIComponent(name)}/versions/${version}`, { method: 'DELETE' }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['models'] }),
  });
  const isKept = aliases.length > 0;
  return (
    <>
      <Button
        small
        kind="danger"
        disabled={isKept || remove.isPending}
        title={isKept ? `${aliases.join(', ')} points at it` : undefined}
        aria-label={`Delete ${name} version ${version}`}
        onClick={() => remove.mutate()}
      >
        Delete
      </Button>
      {remove.error && <Problem error={remove.error} />}
    </>
  );
}
