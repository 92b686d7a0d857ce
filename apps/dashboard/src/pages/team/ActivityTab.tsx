import type { AuditEntryView } from '@unroll/contracts';
import { useQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';
import { auditQuery } from '../../api/queries';
import { Button } from '../../design/Button';
import { DataTable, type Column } from '../../design/DataTable';
import { Empty, Loaded } from '../../design/Messages';
import { Card } from '../../design/Page';
import { useNow } from '../../design/use-now';
import { none } from '../../format/number';
import { ago, at } from '../../format/time';

const filters = ['member', 'action', 'target'] as const;

/** What the members of the team have changed, newest first. */
export function ActivityTab() {
  const [search, setSearch] = useSearchParams();
  const asked = Object.fromEntries(
    [...filters, 'cursor'].flatMap((name) => (search.get(name) ? [[name, search.get(name)!]] : [])),
  );
  const query = useQuery(auditQuery(asked));
  const now = useNow();
  const change = (name: string, value: string | undefined): void =>
    setSearch((before) => {
      const next = new URLSearchParams(before);
      if (name !== 'cursor') next.delete('cursor');
      if (value) next.set(name, value);
      else next.delete(name);
      return next;
    });
  const chosen = filters.filter((name) => asked[name]);
  return (
    <Loaded query={query} what="Loading the activity">
      {({ items, nextCursor }) => (
        <Card
          title="Activity"
          about="Who changed what, and when; a click on a name or a thing shows only its entries"
          flush
          actions={chosen.map((name) => (
            <Button key={name} small onClick={() => change(name, undefined)}>
              {name}: {asked[name]} ×
            </Button>
          ))}
        >
          {items.length === 0 ? (
            <Empty title="Nothing has been changed yet" />
          ) : (
            <DataTable caption="Activity" columns={columns(now, change)} rows={items} rowKey={keyOf} />
          )}
          {nextCursor && (
            <div className="body">
              <Button onClick={() => change('cursor', nextCursor)}>Earlier</Button>
            </div>
          )}
        </Card>
      )}
    </Loaded>
  );
}

const keyOf = ({ at: when, action, target }: AuditEntryView): string => `${when} ${action} ${target ?? ''}`;

type Change = (name: string, value: string) => void;

const columns = (now: number, change: Change): Column<AuditEntryView>[] => [
  {
    id: 'at',
    header: 'When',
    cell: ({ at: when }) => (
      <time dateTime={when} title={at(when)} className="muted nowrap">
        {ago(when, now)}
      </time>
    ),
  },
  {
    id: 'who',
    header: 'Who',
    cell: ({ member, key }) => (
      <span className="named">
        <button type="button" className="link" onClick={() => change('member', member)}>
          {member}
        </button>
        {key && <span className="small muted">key {key}</span>}
      </span>
    ),
  },
  {
    id: 'what',
    header: 'What',
    cell: ({ action, outcome }) => (
      <span className="named">
        <button type="button" className="link" onClick={() => change('action', action)}>
          {inWords(action)}
        </button>
        {outcome !== 'done' && <span className="small tone-failed">{outcome}</span>}
      </span>
    ),
  },
  { id: 'target', header: 'To', cell: (entry) => <Target entry={entry} change={change} /> },
  {
    id: 'change',
    header: 'Change',
    cell: ({ change: changed }) => <code className="reason">{changeText(changed)}</code>,
  },
];

/** `sweep.cancel` as "cancel sweep". */
const inWords = (action: string): string => action.split('.').reverse().join(' ');

function Target({ entry: { action, target }, change }: { entry: AuditEntryView; change: Change }) {
  if (target === null) return <span className="muted">{none}</span>;
  const [thing = ''] = action.split('.');
  const page = { sweep: 'sweeps', trial: 'trials', view: 'views' }[thing];
  if (page && !action.endsWith('.delete'))
    return (
      <Link to={`/${page}/${target}`} className="mono">
        {target}
      </Link>
    );
  return (
    <button type="button" className="link" onClick={() => change('target', target)}>
      {target}
    </button>
  );
}

const changeText = (change: AuditEntryView['change']): string =>
  Object.entries(change ?? {})
    .map(([key, value]) => `${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ') || none;
