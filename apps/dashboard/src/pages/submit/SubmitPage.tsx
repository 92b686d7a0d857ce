import type { SweepView } from '@unroll/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo, useRef, useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { call } from '../../api/client';
import { putSweep } from '../../api/live';
import { datasetsQuery, sweepQuery } from '../../api/queries';
import { sendJson } from '../../api/send-json';
import { Button } from '../../design/Button';
import { Loaded, Problem, Waiting } from '../../design/Messages';
import { Card, Page } from '../../design/Page';
import { useSettled } from '../../design/use-settled';
import { bytes, counted } from '../../format/number';
import { changesFrom, noteOf } from './changes';
import { ChangesCard } from './ChangesCard';
import { check } from './check';
import { Editor } from './Editor';
import { PlanCard } from './PlanCard';
import { firstSweep, fromSweep, keepDraft, keptDraft } from './start';

/** Milliseconds without a change before a plan is requested. */
const settled = 500;

/** An editor for a sweep, with validation while typing and a cost estimate, and its submission. */
export default function SubmitPage() {
  const [search] = useSearchParams();
  const from = search.get('from');
  const earlier = useQuery({ ...sweepQuery(from ?? ''), enabled: from !== null });
  if (from === null) return <Form key="new" initial={keptDraft() ?? firstSweep} />;
  if (earlier.error) return <Problem error={earlier.error} />;
  if (!earlier.data) return <Waiting what="Loading the earlier sweep" />;
  return <Form key={from} initial={fromSweep(earlier.data)} earlier={earlier.data} />;
}

function Form({ initial, earlier }: { initial: string; earlier?: SweepView }) {
  const [text, setText] = useState(initial);
  const errors = check(text);
  const planned = useSettled(text, settled);
  const changes = useMemo(() => (earlier ? changesFrom(earlier, text) : []), [earlier, text]);
  const navigate = useNavigate();
  const client = useQueryClient();
  // An idempotency key per text: retrying after a lost response does not create a second sweep.
  const key = useRef(crypto.randomUUID());
  const change = useCallback((next: string): void => {
    key.current = crypto.randomUUID();
    keepDraft(next);
    setText(next);
  }, []);
  const submit = useMutation({
    mutationFn: () => submitted(text, key.current, earlier && { id: earlier.id, note: noteOf(earlier, changes) }),
    onSuccess: async (sweep) => {
      keepDraft(null);
      putSweep(client, sweep);
      void client.invalidateQueries({ queryKey: ['sweeps'] });
      await navigate(`/sweeps/${sweep.id}`);
    },
  });
  return (
    <Page
      title="New sweep"
      about="Press Ctrl-Space for completion; errors are marked as you type"
      actions={
        <Button kind="primary" disabled={errors.length > 0 || submit.isPending} onClick={() => submit.mutate()}>
          {submit.isPending ? 'Submitting …' : 'Submit sweep'}
        </Button>
      }
    >
      {submit.error && <Problem error={submit.error} />}
      <div className="submit">
        <Card title="sweep.yaml" flush actions={<a href="/v1/schema/sweep.json">Schema</a>}>
          <Editor initial={initial} check={check} onChange={change} />
        </Card>
        <div className="stack">
          <Errors errors={errors} />
          {earlier && <ChangesCard name={earlier.name} changes={changes} />}
          <PlanCard text={planned} valid={errors.length === 0 && (planned === text || check(planned).length === 0)} />
          <DatasetsCard />
        </div>
      </div>
    </Page>
  );
}

/** Submits a sweep, with its first note. Without the note, it would still be submitted. */
async function submitted(
  text: string,
  key: string,
  earlier: { id: string; note: string } | undefined,
): Promise<SweepView> {
  const sweep = await call<SweepView>(`/v1/sweeps${earlier ? `?clonedFrom=${earlier.id}` : ''}`, {
    method: 'POST',
    body: text,
    headers: { 'content-type': 'application/yaml', 'idempotency-key': key },
  });
  if (!earlier) return sweep;
  const { note } = earlier;
  return sendJson<SweepView>('PATCH', `/v1/sweeps/${sweep.id}/details`, { note }).catch(() => sweep);
}

function Errors({ errors }: { errors: ReturnType<typeof check> }) {
  return (
    <div aria-live="polite" className="live-errors">
      {errors.length > 0 && (
        <Card title={counted(errors.length, 'error')}>
          <ul className="errors">
            {errors.slice(0, 8).map(({ path, message }) => (
              <li key={path + message}>
                {path && <code>{path}</code>} {message}
              </li>
            ))}
          </ul>
        </Card>
      )}
    </div>
  );
}

function DatasetsCard() {
  const query = useQuery(datasetsQuery());
  return (
    <Card title="Data sets" about="Add your own: npx unroll dataset add NAME PATH --kind text">
      <Loaded query={query} what="Loading data sets">
        {({ items }) => (
          <ul className="datasets">
            {items.map(({ name, kind, bytes: size, builtIn }) => (
              <li key={name}>
                <code>{name}</code>
                <span className="muted small">
                  {kind}
                  {builtIn ? ', built in' : `, ${bytes(size)}`}
                </span>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </Card>
  );
}
