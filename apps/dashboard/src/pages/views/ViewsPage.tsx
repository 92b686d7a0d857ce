import type { SavedView } from '@unroll/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from 'react-router';
import { call } from '../../api/client';
import { viewsQuery } from '../../api/queries';
import { useMay } from '../../api/use-may';
import { Button } from '../../design/Button';
import { DataTable, type Column } from '../../design/DataTable';
import { Empty, Loaded, Problem } from '../../design/Messages';
import { Page } from '../../design/Page';
import { useNow } from '../../design/use-now';
import { ago, at } from '../../format/time';

/** Saved views: pages with their tab, filters and sort order. */
export default function ViewsPage() {
  const query = useQuery(viewsQuery());
  const now = useNow();
  return (
    <Page title="Saved views" about="Pages saved by the team, each with its tab, filters and sort order">
      <div className="card">
        <Loaded query={query} what="Loading views">
          {({ items }) =>
            items.length === 0 ? (
              <Empty title="No saved views">
                <p>Open a sweep, the team leaderboard or a comparison, filter it, and press Save view.</p>
              </Empty>
            ) : (
              <DataTable caption="Saved views" columns={columns(now)} rows={items} rowKey={({ id }) => id} />
            )
          }
        </Loaded>
      </div>
    </Page>
  );
}

const columns = (now: number): Column<SavedView>[] => [
  { id: 'name', header: 'View', cell: ({ id, name }) => <Link to={`/views/${id}`}>{name}</Link> },
  { id: 'path', header: 'Address', cell: ({ path }) => <code className="reason muted">{readable(path)}</code> },
  {
    id: 'created',
    header: 'Saved',
    numeric: true,
    cell: ({ createdAt }) => (
      <time dateTime={createdAt} title={at(createdAt)} className="muted">
        {ago(createdAt, now)}
      </time>
    ),
  },
  { id: 'remove', header: 'Delete', hiddenHeader: true, numeric: true, cell: (view) => <Remove view={view} /> },
];

/** An address with its escapes decoded, where they are valid. */
function readable(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function Remove({ view: { id, name } }: { view: SavedView }) {
  const client = useQueryClient();
  const submits = useMay('submitter');
  const remove = useMutation({
    mutationFn: () => call(`/v1/views/${id}`, { method: 'DELETE' }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['views'] }),
  });
  if (!submits) return null;
  return (
    <>
      <Button
        small
        kind="danger"
        disabled={remove.isPending}
        aria-label={`Delete view ${name}`}
        onClick={() => remove.mutate()}
      >
        Delete
      </Button>
      {remove.error && <Problem error={remove.error} />}
    </>
  );
}
