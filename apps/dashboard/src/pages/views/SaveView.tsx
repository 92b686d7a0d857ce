import type { SavedView } from '@unroll/contracts';
import { useState, type FormEvent } from 'react';
import { Link, useLocation } from 'react-router';
import { call } from '../../api/client';
import { useMay } from '../../api/use-may';
import { Button } from '../../design/Button';
import { FormButtons } from '../../design/FormButtons';
import { Icon } from '../../design/Icon';
import { Problem } from '../../design/Messages';
import { Modal } from '../../design/Modal';

/** Saves the current page, with its query string, under a name. */
export function SaveView({ suggestion }: { suggestion: string }) {
  const [open, setOpen] = useState(false);
  if (!useMay('submitter')) return null;
  return (
    <>
      <Button onClick={() => setOpen(true)}>
        <Icon name="views" />
        Save view
      </Button>
      {open && (
        <Modal title="Save this view" close={() => setOpen(false)}>
          <SaveForm suggestion={suggestion} close={() => setOpen(false)} />
        </Modal>
      )}
    </>
  );
}

function SaveForm({ suggestion, close }: { suggestion: string; close: () => void }) {
  const { pathname, search } = useLocation();
  const [name, setName] = useState(suggestion);
  const [error, setError] = useState<unknown>(null);
  const [saved, setSaved] = useState<SavedView | null>(null);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setError(null);
    const body = JSON.stringify({ name, path: pathname + search });
    await call<SavedView>('/v1/views', { method: 'POST', body, headers: { 'content-type': 'application/json' } }).then(
      setSaved,
      setError,
    );
  };
  if (saved)
    return (
      <div className="stack">
        <p>
          Saved. Everyone in the team can open it at{' '}
          <Link to={`/views/${saved.id}`}>{`${location.host}/views/${saved.id}`}</Link>
        </p>
        <div className="row">
          <Button onClick={close}>Close</Button>
        </div>
      </div>
    );
  return (
    <form className="stack" onSubmit={(event) => void submit(event)}>
      <p className="muted">The view keeps its tab, filters and sort order, and is visible to everyone in the team.</p>
      <label className="field wide">
        Name
        <input value={name} maxLength={100} required autoFocus onChange={({ target }) => setName(target.value)} />
      </label>
      {error !== null && <Problem error={error} />}
      <FormButtons send="Save" disabled={name.trim() === ''} close={close} />
    </form>
  );
}
