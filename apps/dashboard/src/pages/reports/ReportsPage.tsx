import type { ReportSummary } from '@unroll/contracts';
import { useQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';
import { reportsQuery } from '../../api/queries';
import { useMay } from '../../api/use-may';
import { Button, ButtonLink } from '../../design/Button';
import { DataTable, type Column } from '../../design/DataTable';
import { Icon } from '../../design/Icon';
import { Empty, Loaded } from '../../design/Messages';
import { Page } from '../../design/Page';
import { useNow } from '../../design/use-now';
import { ago, at } from '../../format/time';

/** The team's reports, newest first. */
export default function ReportsPage() {
  const [search, setSearch] = useSearchParams();
  const archived = search.get('archived') === 'true';
  const query = useQuery(reportsQuery(archived, search.get('cursor') ?? undefined));
  const submits = useMay('submitter');
  const now = useNow();
  const begin = submits && (
    <ButtonLink kind="primary" to="/reports/new">
      <Icon name="plus" />
      New report
    </ButtonLink>
  );
  return (
    <Page
      title="Reports"
      about="Text with charts, which show the sweeps as they are when someone reads it"
      actions={
        <>
          <label className="field">
            <input
              type="checkbox"
              checked={archived}
              onChange={({ target }) => setSearch(target.checked ? { archived: 'true' } : {})}
            />
            Archived
          </label>
          {begin}
        </>
      }
    >
      <Loaded query={query} what="Loading reports">
        {({ items, nextCursor }) => (
          <>
            <div className="card">
              {items.length === 0 ? (
                <Empty title={archived ? 'No archived reports' : 'No reports yet'}>
                  {!archived && <p>Write what a sweep has shown, with its charts, and share it by a link.</p>}
                </Empty>
              ) : (
                <DataTable caption="Reports" columns={columns(now)} rows={items} rowKey={({ id }) => id} />
              )}
            </div>
            {nextCursor !== null && (
              <div className="row">
                <Button onClick={() => setSearch({ ...(archived ? { archived: 'true' } : {}), cursor: nextCursor })}>
                  Older
                </Button>
              </div>
            )}
          </>
        )}
      </Loaded>
    </Page>
  );
}

const columns = (now: number): Column<ReportSummary>[] => [
  { id: 'title', header: 'Report', cell: ({ id, title }) => <Link to={`/reports/${id}`}>{title}</Link> },
  { id: 'author', header: 'Begun by', cell: ({ author }) => author },
  {
    id: 'changed',
    header: 'Changed',
    numeric: true,
    cell: ({ createdAt, editedAt, editor, author }) => (
      <time dateTime={editedAt ?? createdAt} title={at(editedAt ?? createdAt)} className="muted">
        {ago(editedAt ?? createdAt, now)}
        {editor !== null && editor !== author && ` by ${editor}`}
      </time>
    ),
  },
];
