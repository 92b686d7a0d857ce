import type { Me, MemberView, Role } from '@unroll/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { call } from '../../api/client';
import { membersQuery } from '../../api/queries';
import { Button } from '../../design/Button';
import { FormButtons } from '../../design/FormButtons';
import { DataTable, type Column } from '../../design/DataTable';
import { Loaded, Problem } from '../../design/Messages';
import { Modal } from '../../design/Modal';
import { Card } from '../../design/Page';
import { at } from '../../format/time';
import { RoleChoice } from './RoleChoice';
import { roles } from '../../api/roles';
import { sendJson } from '../../api/send-json';

export function MembersTab({ me }: { me: Me }) {
  const query = useQuery(membersQuery());
  const [adding, setAdding] = useState(false);
  const manages = me.role === 'admin';
  return (
    <Loaded query={query} what="Loading members">
      {({ items }) => (
        <Card
          title="Members"
          about="Everyone in the team sees all of its sweeps, data sets and boards"
          flush
          actions={
            manages && (
              <Button kind="primary" onClick={() => setAdding(true)}>
                Add member
              </Button>
            )
          }
        >
          <DataTable caption="Members" columns={columns(manages)} rows={items} rowKey={({ name }) => name} />
          {adding && <AddMember close={() => setAdding(false)} />}
        </Card>
      )}
    </Loaded>
  );
}

const columns = (manages: boolean): Column<MemberView>[] => [
  {
    id: 'name',
    header: 'Member',
    cell: ({ name, email }) => (
      <span className="named">
        <strong>{name}</strong>
        {email && <span className="small muted">{email}</span>}
      </span>
    ),
  },
  { id: 'role', header: 'Role', cell: (member) => (manages ? <ChangeRole member={member} /> : member.role) },
  { id: 'keys', header: 'Valid keys', numeric: true, cell: ({ keys }) => keys },
  {
    id: 'added',
    header: 'Added',
    numeric: true,
    cell: ({ createdAt }) => <span className="muted">{at(createdAt)}</span>,
  },
  ...(manages
    ? [
        {
          id: 'remove',
          header: 'Remove',
          hiddenHeader: true,
          numeric: true,
          cell: (member: MemberView) => <Remove member={member} />,
        },
      ]
    : []),
];

/** A change of members, after which the lists of members and keys are read again. */
function useChange<Change>(mutationFn: (change: Change) => Promise<unknown>, then?: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn,
    onSuccess: async () => {
      then?.();
      await Promise.all(['members', 'keys', 'audit'].map((key) => client.invalidateQueries({ queryKey: [key] })));
    },
  });
}

const pathOf = (name: string): string => `/v1/members/${encodeURIComponent(name)}`;

function ChangeRole({ member: { name, role } }: { member: MemberView }) {
  const change = useChange((to: Role) => sendJson('PATCH', pathOf(name), { role: to }));
  return (
    <>
      <select
        aria-label={`Role of ${name}`}
        value={role}
        disabled={change.isPending}
        onChange={({ target }) => change.mutate(target.value as Role)}
      >
        {roles.map((each) => (
          <option key={each}>{each}</option>
        ))}
      </select>
      {change.error && <Problem error={change.error} />}
    </>
  );
}

function Remove({ member: { name } }: { member: MemberView }) {
  const [asking, ask] = useState(false);
  const remove = useChange(
    () => call(pathOf(name), { method: 'DELETE' }),
    () => ask(false),
  );
  return (
    <>
      <Button small kind="danger" aria-label={`Remove ${name}`} onClick={() => ask(true)}>
        Remove
      </Button>
      {asking && (
        <Modal title={`Remove ${name}?`} close={() => ask(false)}>
          <p className="muted">Their keys are revoked at once. Their sweeps stay, with their name.</p>
          {remove.error && <Problem error={remove.error} />}
          <div className="row">
            <Button kind="danger" disabled={remove.isPending} onClick={() => remove.mutate(undefined)}>
              Remove
            </Button>
            <Button onClick={() => ask(false)}>Keep</Button>
          </div>
        </Modal>
      )}
    </>
  );
}

function AddMember({ close }: { close: () => void }) {
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('submitter');
  const [email, setEmail] = useState('');
  const add = useChange(() => sendJson('POST', '/v1/members', { name, role, ...(email ? { email } : {}) }), close);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    add.mutate(undefined);
  };
  return (
    <Modal title="Add a member" close={close}>
      <form className="stack" onSubmit={submit}>
        <label className="field wide">
          Name
          <input value={name} maxLength={60} required autoFocus onChange={({ target }) => setName(target.value)} />
        </label>
        <label className="field wide">
          E-mail address, for signing in at an OpenID provider (optional)
          <input type="email" value={email} onChange={({ target }) => setEmail(target.value)} />
        </label>
        <RoleChoice role={role} choose={setRole} />
        {add.error && <Problem error={add.error} />}
        <FormButtons send="Add" disabled={add.isPending || name.trim() === ''} close={close} />
      </form>
    </Modal>
  );
}
