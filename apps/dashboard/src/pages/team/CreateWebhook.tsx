import type { CreatedWebhook, WebhookEvent, WebhookKind } from '@unroll/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { sendJson } from '../../api/send-json';
import { Button } from '../../design/Button';
import { FormButtons } from '../../design/FormButtons';
import { CopyButton } from '../../design/CopyButton';
import { Problem } from '../../design/Messages';
import { Modal } from '../../design/Modal';

/** What a webhook can be told, repeated here because importing the contract's list would bundle its whole library. */
const events = {
  'sweep.ended': 'A sweep has completed or was cancelled',
  'sweep.failed': 'A sweep has failed',
  'sweep.best': 'A trial is the best of its sweep so far',
} as const satisfies Record<WebhookEvent, string>;

/** A dialog that makes a webhook, then shows its secret. */
export function CreateWebhook({ close }: { close: () => void }) {
  const client = useQueryClient();
  const [url, setUrl] = useState('');
  const [kind, setKind] = useState<WebhookKind>('json');
  const [told, setTold] = useState<readonly string[]>(Object.keys(events));
  const create = useMutation({
    mutationFn: () => sendJson<CreatedWebhook>('POST', '/v1/webhooks', { url, kind, events: told }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['webhooks'] }),
  });
  if (create.data) return <Made webhook={create.data} close={close} />;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <Modal title="Add a webhook" close={close}>
      <form className="stack" onSubmit={submit}>
        <label className="field wide">
          Address
          <input
            {...{ type: 'url', value: url, maxLength: 2000, required: true, autoFocus: true }}
            placeholder="https://hooks.example.org/unroll"
            onChange={({ target }) => setUrl(target.value)}
          />
        </label>
        <label className="field wide">
          What is sent
          <select value={kind} onChange={({ target }) => setKind(target.value === 'slack' ? 'slack' : 'json')}>
            <option value="json">Signed JSON, for a program</option>
            <option value="slack">A line of text, for Slack</option>
          </select>
        </label>
        <fieldset className="stack tight">
          <legend>When</legend>
          {Object.entries(events).map(([event, what]) => (
            <label key={event} className="row tight">
              <input
                type="checkbox"
                checked={told.includes(event)}
                onChange={({ target }) =>
                  setTold(target.checked ? [...told, event] : told.filter((each) => each !== event))
                }
              />
              {what}
            </label>
          ))}
        </fieldset>
        {create.error && <Problem error={create.error} />}
        <FormButtons send="Add" disabled={create.isPending || told.length === 0 || url === ''} close={close} />
      </form>
    </Modal>
  );
}

function Made({ webhook: { kind, host, secret }, close }: { webhook: CreatedWebhook; close: () => void }) {
  return (
    <Modal title={`The webhook to ${host}`} close={close}>
      {kind === 'json' ? (
        <>
          <p>Its messages are signed with this secret. It is shown only now: copy it before you close this.</p>
          <pre className="secret">{secret}</pre>
        </>
      ) : (
        <p>Send a test to see whether it arrives.</p>
      )}
      <div className="row">
        {kind === 'json' && <CopyButton text={secret} />}
        <Button onClick={close}>Close</Button>
      </div>
    </Modal>
  );
}
