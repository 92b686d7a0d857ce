import { endedTrials, type SweepView } from '@unroll/contracts';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';
import { sweepsQuery } from '../../api/queries';
import { useMay } from '../../api/use-may';
import { Button, ButtonLink } from '../../design/Button';
import { DataTable, type Column } from '../../design/DataTable';
import { Icon } from '../../design/Icon';
import { Empty, Loaded } from '../../design/Messages';
import { Page } from '../../design/Page';
import { Progress, State } from '../../design/State';
import { useNow } from '../../design/use-now';
import { count, none, number } from '../../format/number';
import { ago, at, duration } from '../../format/time';
import { useTimeLeft } from '../../format/use-time-left';
import { Tags } from '../details/Tags';
import { SweepFilters } from './SweepFilters';
import { activeFilters, sortedBy, sortOf, sweepsQueryOf, withKey, type SweepsKey } from './sweeps-state';

/** The team's sweeps that match the filters, with their progress and best value. */
export function SweepsPage() {
  const [search, setSearch] = useSearchParams();
  const query = useQuery({ ...sweepsQuery(sweepsQueryOf(search)), placeholderData: keepPreviousData });
  const now = useNow();
  const submits = useMay('submitter');
  const change = (name: SweepsKey, value: string | undefined): void =>
    setSearch((before) => withKey(before, name, value), { replace: name === 'search' });
  const sorting = { ...sortOf(search), change: (by: string) => setSearch((before) => sortedBy(before, by)) };
  const isFiltered = activeFilters(search).length > 0;
  return (
    <Page
      title="Sweeps"
      about={
        query.data &&
        isFiltered &&
        (query.data.total === 1 ? '1 sweep matches' : `${count(query.data.total)} sweeps match`)
      }
      actions={
        submits && (
          <ButtonLink kind="primary" to="/submit">
            <Icon name="plus" />
            New sweep
          </ButtonLink>
        )
      }
    >
      <Loaded query={query} what="Loading sweeps">
        {({ items, total, nextCursor }) =>
          total === 0 && !isFiltered ? (
            <NoSweeps submits={submits} />
          ) : (
            <>
              <div className="card">
                <SweepFilters search={search} change={change} />
                {items.length === 0 ? (
                  <Empty title="No sweep matches">
                    <Button onClick={() => setSearch({})}>Remove the filters</Button>
                  </Empty>
                ) : (
                  <DataTable
                    caption="Sweeps"
                    columns={columns(now)}
                    rows={items}
                    rowKey={({ id }) => id}
                    sorting={sorting}
                  />
                )}
              </div>
              <div className="row">
                {search.has('cursor') && <Button onClick={() => change('cursor', undefined)}>First page</Button>}
                {nextCursor && <Button onClick={() => change('cursor', nextCursor)}>Next page</Button>}
              </div>
            </>
          )
        }
      </Loaded>
    </Page>
  );
}

function NoSweeps({ submits }: { submits: boolean }) {
  return (
    <div className="card">
      <Empty title="No sweeps yet">
        <p>
          A sweep trains many networks on your data and ranks them.
          {submits && ' Create one here, or submit a file from a terminal:'}
        </p>
        {submits && (
          <>
            <pre>npx unroll init && npx unroll sweep submit sweep.yaml</pre>
            <ButtonLink kind="primary" to="/submit">
              New sweep
            </ButtonLink>
          </>
        )}
      </Empty>
    </div>
  );
}

const nameColumn: Column<SweepView> = {
  id: 'name',
  header: 'Sweep',
  sort: 'name',
  cell: ({ id, name, tags }) => (
    <span className="named">
      <Link to={`/sweeps/${id}`}>{name}</Link>
      <span className="row tight">
        <code>{id}</code>
        <Tags tags={tags} />
      </span>
    </span>
  ),
};

const columns = (now: number): Column<SweepView>[] => [
  nameColumn,
  { id: 'owner', header: 'Owner', sort: 'owner', cell: ({ owner }) => owner },
  { id: 'state', header: 'State', cell: ({ state }) => <State state={state} /> },
  {
    id: 'progress',
    header: 'Trials',
    cell: ({ trials, total }) => (
      <div className="progress-cell">
        <Progress trials={trials} total={total} />
        <span className="number small">
          {count(endedTrials(trials))} <span className="muted">of {count(total)}</span>
        </span>
      </div>
    ),
  },
  {
    id: 'best',
    header: 'Best so far',
    numeric: true,
    cell: ({ best, objective }) =>
      best ? (
        <span className="named right">
          <Link to={`/trials/${best.trialId}`} className="number">
            {number(best.value)}
          </Link>
          <span className="small muted">{objective.metric}</span>
        </span>
      ) : (
        none
      ),
  },
  {
    id: 'left',
    header: 'Time left',
    numeric: true,
    cell: (sweep) => <TimeLeft sweep={sweep} now={now} />,
  },
  {
    id: 'created',
    header: 'Submitted',
    sort: 'created',
    numeric: true,
    cell: ({ createdAt }) => (
      <time dateTime={createdAt} title={at(createdAt)} className="muted">
        {ago(createdAt, now)}
      </time>
    ),
  },
];

function TimeLeft({ sweep, now }: { sweep: SweepView; now: number }) {
  const left = useTimeLeft(sweep, now);
  if (left === null) return <span className="muted">{none}</span>;
  return left === 0 ? 'any moment' : `about ${duration(left)}`;
}
