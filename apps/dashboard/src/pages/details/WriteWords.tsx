import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { Button } from '../../design/Button';
import { Problem } from '../../design/Messages';

interface WriteWordsProps {
  label: string;
  action: string;
  /** What is there already. */
  text?: string;
  /** Whether nothing may be written. */
  optional?: boolean;
  send: (text: string) => Promise<unknown>;
  done: () => unknown;
}

/** A field for Markdown, and the button that sends it. */
export function WriteWords({ label, action, text: given = '', optional = false, send, done }: WriteWordsProps) {
  const [text, setText] = useState(given);
  const write = useMutation({
    mutationFn: () => send(text),
    onSuccess: async () => {
      setText('');
      await done();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    write.mutate();
  };
  return (
    <form className="stack" onSubmit={submit}>
      <label className="field wide">
        {label}
        <textarea rows={4} maxLength={20_000} value={text} onChange={({ target }) => setText(target.value)} />
      </label>
      {write.error && <Problem error={write.error} />}
      <div className="row">
        <Button kind="primary" type="submit" disabled={write.isPending || (!optional && text.trim() === '')}>
          {action}
        </Button>
      </div>
    </form>
  );
}
