import type { CreatedLink } from '@unroll/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { sendJson } from '../../api/send-json';
import { Button } from '../../design/Button';
import { FormButtons } from '../../design/FormButtons';
import { CopyButton } from '../../design/CopyButton';
import { Icon } from '../../design/Icon';
import { Problem } from '../../design/Messages';
import { Modal } from '../../design/Modal';
import { at } from '../../format/time';

type Of = { sweep: string } | { trial: string } | { report: string } | { board: string; metric: string };

/** A button that makes a link by which whoever has it reads this, without a key. */
export function Share({ of, what }: { of: Of; what: string }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>
        <Icon name="link" />
        Share
      </Button>
      {open && <MakeLink of={of} what={what} close={() => setOpen(false)} />}
    </>
  );
}

const validities = ['1d', '7d', '30d', '365d'] as const;

function MakeLink({ of, what, close }: { of: Of; what: string; close: () => void }) {
  const [expiresIn, setExpiresIn] = useState<string>('30d');
  const client = useQueryClient();
  const make = useMutation({
    mutationFn: () => sendJson<CreatedLink>('POST', '/v1/links', { ...of, expiresIn }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['links'] }),
  });
  if (make.data) return <Made link={make.data} close={close} />;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    make.mutate();
  };
  return (
    <Modal title="Make a link" close={close}>
      <form className="stack" onSubmit={submit}>
        <p className="muted">Whoever has it reads {what}, without a key, and nothing else.</p>
        <label className="field wide">
          Valid for
          <select value={expiresIn} onChange={({ target }) => setExpiresIn(target.value)}>
            {validities.map((each) => (
              <option key={each} value={each}>
                {each === '1d' ? '1 day' : `${each.slice(0, -1)} days`}
              </option>
            ))}
          </select>
        </label>
        {make.error && <Problem error={make.error} />}
        <FormButtons send="Make the link" disabled={make.isPending} close={close} />
      </form>
    </Modal>
  );
}

function Made({ link: { path, expiresAt }, close }: { link: CreatedLink; close: () => void }) {
  const address = location.origin + path;
  return (
    <Modal title="The link" close={close}>
      <p>It is shown only now, and opens until {at(expiresAt)}. It can be revoked on the page Team.</p>
      <pre className="secret">{address}</pre>
      <div className="row">
        <CopyButton text={address} />
        <Button onClick={close}>Close</Button>
      </div>
    </Modal>
  );
}
