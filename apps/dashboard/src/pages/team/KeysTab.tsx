import type { CreatedKey, KeyView, Me, Role } from '@unroll/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { call } from '../../api/client';
import { keysQuery, membersQuery } from '../../api/queries';
import { sendJson } from '../../api/send-json';
import { Button } from '../../design/Button';
import { FormButtons } from '../../design/FormButtons';
import { CopyButton } from '../../design/CopyButton';
import { DataTable, type Column } from '../../design/DataTable';
import { Empty, Loaded, Problem } from '../../design/Messages';
import { Modal } from '../../design/Modal';
import { Card } from '../../design/Page';
import { useNow } from '../../design/use-now';
import { none } from '../../format/number';
import { ago, at } from '../../format/time';
import { RoleChoice } from './RoleChoice';

export function KeysTab({ me }: { me: Me }) {
  const query = useQuery(keysQuery());
  const now = useNow();
  const [creating, setCreating] = useState(false);
  return (
    <Loaded query={query} what="Loading keys">
      {({ items }) => (
        <Card
          title="Keys"
          about={me.role === 'admin' ? "The valid keys of the team's members" : 'Your valid keys'}
          flush
          actions={
            <Button kind="primary" onClick={() => setCreating(true)}>
              Create key
            </Button>
          }
        >
          {items.length === 0 ? (
            <Empty title="No keys">
              <p>A key signs a program in: the command line, a notebook, a script.</p>
            </Empty>
          ) : (
            <DataTable caption="Keys" columns={columns(now)} rows={items} rowKey={({ id }) => id} />
          )}
          {creating && <CreateKey me={me} close={() => setCreating(false)} />}
        </Card>
      )}
    </Loaded>
  );
}

const columns = (now: number): Column<KeyView>[] => [
  {
    id: 'name',
    header: 'Key',
    cell: ({ name, start }) => (
      <span className="named">
        <strong>{name}</strong>
        <code>{start}…</code>
      </span>
    ),
  },
  { id: 'member', header: 'Member', cell: ({ member }) => member },
  { id: 'role', header: 'Role', cell: ({ role }) => role },
  {
    id: 'created',
    header: 'Created',
    numeric: true,
    cell: ({ createdAt }) => <span className="muted">{at(createdAt)}</span>,
  },
  { id: 'expires', header: 'Expires', numeric: true, cell: ({ expiresAt }) => (expiresAt ? at(expiresAt) : 'never') },
  {
    id: 'used',
    header: 'Last used',
    numeric: true,
    cell: ({ lastUsedAt }) => (lastUsedAt ? ago(lastUsedAt, now) : none),
  },
  { id: 'revoke', header: 'Revoke', hiddenHeader: true, numeric: true, cell: (key) => <Revoke of={key} /> },
];

function Revoke({ of: { id, name, member } }: { of: KeyView }) {
  const client = useQueryClient();
  const [asking, ask] = useState(false);
  const revoke = useMutation({
    mutationFn: () => call(`/v1/keys/${id}`, { method: 'DELETE' }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['keys'] }),
  });
  return (
    <>
      <Button small kind="danger" aria-label={`Revoke the key ${name} of ${member}`} onClick={() => ask(true)}>
        Revoke
      </Button>
      {asking && (
        <Modal title={`Revoke the key ${name} of ${member}?`} close={() => ask(false)}>
          <p className="muted">Programs that use it are refused from now on.</p>
          {revoke.error && <Problem error={revoke.error} />}
          <div className="row">
            <Button kind="danger" disabled={revoke.isPending} onClick={() => revoke.mutate()}>
              Revoke
            </Button>
            <Button onClick={() => ask(false)}>Keep</Button>
          </div>
        </Modal>
      )}
    </>
  );
}

const validities = ['30d', '90d', '365d', ''] as const;

function Validity({ chosen, choose }: { chosen: string; choose: (validity: string) => void }) {
  return (
    <label className="field wide">
      Valid for
      <select value={chosen} onChange={({ target }) => choose(target.value)}>
        {validities.map((each) => (
          <option key={each} value={each}>
            {each ? `${each.slice(0, -1)} days` : 'until it is revoked'}
          </option>
        ))}
      </select>
    </label>
  );
}

function CreateKey({ me, close }: { me: Me; close: () => void }) {
  const [name, setName] = useState('');
  const [member, setMember] = useState(me.member);
  const [role, setRole] = useState<Role>(me.role);
  const [expiresIn, setExpiresIn] = useState<string>('90d');
  const members = useQuery({ ...membersQuery(), enabled: me.role === 'admin' });
  const client = useQueryClient();
  const create = useMutation({
    mutationFn: () =>
      sendJson<CreatedKey>('POST', '/v1/keys', { name, member, role, ...(expiresIn ? { expiresIn } : {}) }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['keys'] }),
  });
  const most = members.data?.items.find((each) => each.name === member)?.role ?? me.role;
  if (create.data) return <Shown created={create.data} close={close} />;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <Modal title="Create a key" close={close}>
      <form className="stack" onSubmit={submit}>
        <label className="field wide">
          What it is for
          <input
            {...{ value: name, maxLength: 60, required: true, autoFocus: true, placeholder: 'laptop' }}
            onChange={({ target }) => setName(target.value)}
          />
        </label>
        {members.data && (
          <label className="field wide">
            Member
            <select
              value={member}
              onChange={({ target }) => {
                setMember(target.value);
                setRole(members.data.items.find((each) => each.name === target.value)!.role);
              }}
            >
              {members.data.items.map((each) => (
                <option key={each.name}>{each.name}</option>
              ))}
            </select>
          </label>
        )}
        <RoleChoice role={role} choose={setRole} most={most} />
        <Validity chosen={expiresIn} choose={setExpiresIn} />
        {create.error && <Problem error={create.error} />}
        <FormButtons send="Create" disabled={create.isPending || name.trim() === ''} close={close} />
      </form>
    </Modal>
  );
}

function Shown({ created: { key, name, member }, close }: { created: CreatedKey; close: () => void }) {
  return (
    <Modal title={`The key ${name} of ${member}`} close={close}>
      <p>It is shown only now: copy it before you close this.</p>
      <pre className="secret">{key}</pre>
      <div className="row">
        <CopyButton text={key} />
        <Button onClick={close}>Close</Button>
      </div>
    </Modal>
  );
}
