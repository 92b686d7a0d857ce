import type { SavedView } from '@unroll/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from 'react-router';
import { call } from '../../api/client';
import { viewsQuery } from '../../api/queries';
import { Button } from '../../design/Button';
import { DataTable, type Column } from '../../design/DataTable';
import { Empty, Loaded, Problem } from '../../design/Messages';
import { Page } from '../../design/Page';
import { useNow } from '../../design/use-now';
import { ago, at } from '../../format/time';

/** Views that the team saved: pages with their tab, filters and order. */
export default function ViewsPage() {
  const query = useQuery(viewsQuery());
  const now = useNow();
  return (
    <Page title="Saved views" about="Pages that the team keeps, each with its tab, filters and order">
      <div className="card">
        <Loaded query={query} what="Loading views">
          {({ items }) =>
            items.length === 0 ? (
              <Empty title="No view is saved">
                <p>Open a sweep, the team's board or a comparison, filter it as you like, and press Save view.</p>
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
  { id: 'path', header: 'Shows', cell: ({ path }) => <code className="reason muted">{readable(path)}</code> },
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

/** An address without its escapes, where they can be read. */
function readable(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function Remove({ view: { id, name } }: { view: SavedView }) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => call(`/v1/views/${id}`, { method: 'DELETE' }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['views'] }),
  });
  return (
    <>
      <Button
        small
        kind="danger"
        disabled={remove.isPending}
        aria-label={`Delete the view ${name}`}
        onClick={() => remove.mutate()}
      >
        Delete
      </Button>
      {remove.error && <Problem error={remove.error} />}
    </>
  );
}
