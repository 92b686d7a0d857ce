import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { sendJson } from '../../api/send-json';
import { FormButtons } from '../../design/FormButtons';
import { Problem } from '../../design/Messages';
import { Modal } from '../../design/Modal';

const parts = (text: string): string[] =>
  text
    .split(',')
    .map((tag) => tag.trim())
    .filter(Boolean);

/** What can be described; only a sweep has a name. */
export interface Described {
  name?: string;
  note: string;
  tags: string[];
}

/** A dialog for the note and the tags; for a sweep, also its name. */
export function EditDetails({ of, path, close }: { of: Described; path: string; close: () => void }) {
  const client = useQueryClient();
  const [name, setName] = useState(of.name);
  const [note, setNote] = useState(of.note);
  const [tags, setTags] = useState(of.tags.join(', '));
  const save = useMutation({
    mutationFn: () =>
      sendJson<Described>('PATCH', `${path}/details`, {
        ...(name === undefined ? {} : { name }),
        note,
        tags: parts(tags),
      }),
    onSuccess: async () => {
      await client.invalidateQueries();
      close();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Modal title="Name, note and tags" close={close}>
      <form className="stack" onSubmit={submit}>
        {name !== undefined && (
          <label className="field wide">
            Name
            <input value={name} maxLength={100} required onChange={({ target }) => setName(target.value)} />
          </label>
        )}
        <label className="field wide">
          Note, in Markdown
          <textarea
            rows={10}
            cols={60}
            maxLength={20_000}
            value={note}
            onChange={({ target }) => setNote(target.value)}
          />
        </label>
        <label className="field wide">
          Tags, with commas between them
          <input value={tags} onChange={({ target }) => setTags(target.value)} />
        </label>
        {save.error && <Problem error={save.error} />}
        <FormButtons send="Save" disabled={save.isPending} close={close} />
      </form>
    </Modal>
  );
}
