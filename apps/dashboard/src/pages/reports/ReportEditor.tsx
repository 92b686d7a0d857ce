import { chartOf, type ReportBody as Body } from '@unroll/contracts';
import { useMutation } from '@tanstack/react-query';
import { useRef, useState, type ClipboardEvent, type FormEvent } from 'react';
import { Button } from '../../design/Button';
import { Empty, Problem } from '../../design/Messages';
import { useSettled } from '../../design/use-settled';
import { AddChart } from './AddChart';
import { chartText, withLine } from './chart-text';
import { ReportBody } from './ReportBody';

/** Milliseconds without a change before the preview follows. */
const settled = 400;

interface ReportEditorProps {
  title: string;
  text: string;
  save: (report: Body) => Promise<unknown>;
  cancel: () => void;
}

/** A report's title and text, with what they will look like. */
export function ReportEditor({ title: firstTitle, text: firstText, save, cancel }: ReportEditorProps) {
  const [title, setTitle] = useState(firstTitle);
  const [text, setText] = useState(firstText);
  const field = useRef<HTMLTextAreaElement>(null);
  const saving = useMutation({ mutationFn: () => save({ title, text }) });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    saving.mutate();
  };
  const add = (line: string): void => {
    const { selectionStart = text.length, selectionEnd = text.length } = field.current ?? {};
    setText(withLine(text, line, selectionStart, selectionEnd));
    field.current?.focus();
  };
  const paste = (event: ClipboardEvent): void => {
    const pasted = event.clipboardData.getData('text').trim();
    const address = pasted.startsWith(`${location.origin}/`) ? pasted.slice(location.origin.length) : '';
    if (!chartOf(address)) return;
    event.preventDefault();
    add(chartText('', address));
  };
  return (
    <div className="report-editor">
      <form className="stack" onSubmit={submit}>
        <label className="field wide">
          Title
          <input value={title} maxLength={100} required onChange={({ target }) => setTitle(target.value)} />
        </label>
        <label className="field wide">
          Text, in Markdown; the pasted address of a sweep, trial or leaderboard becomes its chart
          <textarea
            ref={field}
            rows={22}
            maxLength={100_000}
            value={text}
            onPaste={paste}
            onChange={({ target }) => setText(target.value)}
          />
        </label>
        <AddChart add={add} />
        {saving.error && <Problem error={saving.error} />}
        <div className="row">
          <Button kind="primary" type="submit" disabled={saving.isPending || title.trim() === ''}>
            Save
          </Button>
          <Button onClick={cancel}>Cancel</Button>
        </div>
      </form>
      <Preview text={text} />
    </div>
  );
}

function Preview({ text }: { text: string }) {
  const shown = useSettled(text, settled);
  return (
    <section aria-label="Preview" className="stack">
      {shown.trim() === '' ? (
        <div className="card">
          <Empty title="Preview">
            <p>What you write appears here, with its charts.</p>
          </Empty>
        </div>
      ) : (
        <ReportBody text={shown} />
      )}
    </section>
  );
}
