import {
  isStudyTrial,
  type GenerateBody,
  type PromptedTask,
  type standardDrawing,
  type TrialView,
} from '@unroll/contracts';
import { useEffect, useRef, useState, type FormEvent } from 'react';
import { generate } from '../../api/generate';
import { useMay } from '../../api/use-may';
import { Button } from '../../design/Button';
import { Problem } from '../../design/Messages';
import { Card } from '../../design/Page';

/** What a language model writes, unless it is told otherwise. Repeated here because importing it would bundle the whole library. */
const standard: typeof standardDrawing = { length: 200, temperature: 0.7, seed: 0 };
/** Most tokens of an answer, and characters of a prompt. */
const most = { length: 2_000, prompt: 10_000 };

interface Task {
  kind: string;
  tokens?: string;
  beamWidth?: number;
}

/** A box for a prompt, which the model of the trial answers; nothing where it does not, or where the reader may not ask. */
export function PromptCard({ trial }: { trial: TrialView }) {
  const submits = useMay('submitter');
  const task = trial.spec.task as Task;
  const hasModel = trial.state === 'completed' || trial.state === 'pruned';
  if (!submits || !hasModel || isStudyTrial(trial)) return null;
  const kinds: Record<PromptedTask, true> = { 'language-model': true, 'sequence-to-sequence': true };
  return task.kind in kinds ? <Box key={trial.id} id={trial.id} task={task} /> : null;
}

type Setting = Exclude<keyof GenerateBody, 'prompt'>;

/** An answer, and what it is to. */
interface Shown {
  prompt: string;
  text: string;
  error?: unknown;
}

function useAnswer(id: string) {
  const [shown, show] = useState<Shown>();
  const [writing, setWriting] = useState(false);
  const stop = useRef<() => void>(undefined);
  // A reader who leaves the page waits no longer.
  useEffect(() => () => stop.current?.(), []);
  const ask = (body: GenerateBody): void => {
    stop.current?.();
    setWriting(true);
    show({ prompt: body.prompt, text: '' });
    stop.current = generate(id, body, (heard) => {
      if ('text' in heard) return show((before) => before && { ...before, text: before.text + heard.text });
      setWriting(false);
      if (heard.error !== undefined) show((before) => before && { ...before, error: heard.error });
    });
  };
  const end = (): void => {
    stop.current?.();
    setWriting(false);
  };
  return { shown, writing, ask, end };
}

function Box({ id, task }: { id: string; task: Task }) {
  const draws = task.kind === 'language-model';
  const [prompt, setPrompt] = useState('');
  const [settings, set] = useState<Partial<Record<Setting, number>>>(
    draws ? { ...standard } : { beam: task.beamWidth ?? 1 },
  );
  const { shown, writing, ask, end } = useAnswer(id);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    ask({ prompt, ...settings });
  };
  return (
    <Card
      title="Prompt"
      about={
        draws
          ? 'The model of this trial continues the text, as it writes on a worker'
          : 'The model of this trial writes the target of a source, on a worker'
      }
    >
      <form className="stack prompt" onSubmit={submit}>
        <label className="field wide">
          {draws ? 'Text to continue' : 'Source'}
          {draws ? (
            <textarea
              rows={2}
              maxLength={most.prompt}
              value={prompt}
              onChange={({ target }) => setPrompt(target.value)}
            />
          ) : (
            <input maxLength={most.prompt} required value={prompt} onChange={({ target }) => setPrompt(target.value)} />
          )}
        </label>
        <div className="row">
          <Settings task={task} settings={settings} set={set} />
          {writing ? (
            <Button onClick={end}>Stop</Button>
          ) : (
            <Button kind="primary" type="submit">
              Write
            </Button>
          )}
        </div>
        {shown && (
          <Answer {...shown} separator={draws && task.tokens === 'word' ? ' ' : ''} draws={draws} writing={writing} />
        )}
      </form>
    </Card>
  );
}

interface SettingsProps {
  task: Task;
  settings: Partial<Record<Setting, number>>;
  set: (settings: Partial<Record<Setting, number>>) => void;
}

function Settings({ task, settings, set }: SettingsProps) {
  const draws = task.kind === 'language-model';
  const field = (key: Setting, label: string, bounds: { min: number; max?: number; step?: number | 'any' }) => (
    <label className="field">
      {label}
      <input
        type="number"
        required={draws || key === 'beam'}
        {...bounds}
        value={settings[key] ?? ''}
        onChange={({ target }) => set({ ...settings, [key]: target.value === '' ? undefined : target.valueAsNumber })}
      />
    </label>
  );
  return (
    <>
      {draws && field('temperature', 'Temperature', { min: 0.01, max: 100, step: 'any' })}
      {!draws && field('beam', 'Beam', { min: 1, max: 64 })}
      {field('length', task.tokens === 'word' ? 'Words' : 'Characters', { min: 1, max: most.length })}
      {draws && field('seed', 'Seed', { min: 0, max: 2 ** 32 - 1 })}
    </>
  );
}

function Answer({
  prompt,
  text,
  error,
  separator,
  draws,
  writing,
}: Shown & { separator: string; draws: boolean; writing: boolean }) {
  return (
    <>
      {(text !== '' || writing) && (
        <pre className="sample answer" tabIndex={0} aria-label="Answer" aria-live="polite" aria-busy={writing}>
          {draws && <span className="muted">{prompt + (prompt === '' ? '' : separator)}</span>}
          {text}
          {writing && <span className="caret" />}
        </pre>
      )}
      {error !== undefined && <Problem error={error} />}
    </>
  );
}
