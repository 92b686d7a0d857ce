import type { LinkView } from '@unroll/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from 'react-router';
import { call } from '../../api/client';
import { linksQuery } from '../../api/queries';
import { useMay } from '../../api/use-may';
import { Button } from '../../design/Button';
import { DataTable, type Column } from '../../design/DataTable';
import { Empty, Loaded, Problem } from '../../design/Messages';
import { Card } from '../../design/Page';
import { useNow } from '../../design/use-now';
import { none } from '../../format/number';
import { ago, at } from '../../format/time';

/** The links by which others read something of the team. */
export function LinksTab() {
  const query = useQuery(linksQuery());
  const now = useNow();
  const submits = useMay('submitter');
  return (
    <Loaded query={query} what="Loading links">
      {({ items }) => (
        <Card title="Links" about="Whoever has one reads what it is of, without a key" flush>
          {items.length === 0 ? (
            <Empty title="No links">
              <p>The pages of sweeps, trials and leaderboards have a button that makes one.</p>
            </Empty>
          ) : (
            <DataTable caption="Links" columns={columns(now, submits)} rows={items} rowKey={({ id }) => id} />
          )}
        </Card>
      )}
    </Loaded>
  );
}

const pageOf = ({ kind, target, metric }: LinkView): string =>
  kind === 'board'
    ? `/board?${new URLSearchParams({ board: target, metric: metric ?? '' }).toString()}`
    : `/${kind}s/${target}`;

const columns = (now: number, submits: boolean): Column<LinkView>[] => [
  {
    id: 'of',
    header: 'Of',
    cell: (link) => (
      <span className="named">
        <Link to={pageOf(link)}>
          {link.kind} {link.target}
        </Link>
        {link.metric && <span className="small muted">{link.metric}</span>}
      </span>
    ),
  },
  { id: 'author', header: 'Made by', cell: ({ author }) => author },
  {
    id: 'created',
    header: 'Made',
    numeric: true,
    cell: ({ createdAt }) => <span className="muted">{at(createdAt)}</span>,
  },
  { id: 'expires', header: 'Expires', numeric: true, cell: ({ expiresAt }) => at(expiresAt) },
  {
    id: 'used',
    header: 'Last used',
    numeric: true,
    cell: ({ lastUsedAt }) => (lastUsedAt ? ago(lastUsedAt, now) : none),
  },
  ...(submits
    ? [
        {
          id: 'revoke',
          header: 'Revoke',
          hiddenHeader: true,
          numeric: true,
          cell: (link: LinkView) => <Revoke of={link} />,
        },
      ]
    : []),
];

function Revoke({ of: { id, kind, target } }: { of: LinkView }) {
  const client = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => call(`/v1/links/${id}`, { method: 'DELETE' }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['links'] }),
  });
  return (
    <>
      <Button
        small
        kind="danger"
        disabled={revoke.isPending}
        aria-label={`Revoke the link to the ${kind} ${target}`}
        onClick={() => revoke.mutate()}
      >
        Revoke
      </Button>
      {revoke.error && <Problem error={revoke.error} />}
    </>
  );
}
