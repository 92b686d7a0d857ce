import type { SweepView } from '@unroll/contracts';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';
import { sweepsQuery } from '../../api/queries';
import { useMay } from '../../api/use-may';
import { ButtonLink } from '../../design/Button';
import { DataTable, type Column } from '../../design/DataTable';
import { Icon } from '../../design/Icon';
import { Empty, Loaded } from '../../design/Messages';
import { Page } from '../../design/Page';
import { Progress, State } from '../../design/State';
import { useNow } from '../../design/use-now';
import { count, none, number } from '../../format/number';
import { endedTrials, secondsLeft } from '../../format/progress';
import { ago, at, duration } from '../../format/time';

/** All sweeps, newest first, with their progress and best value. */
export function SweepsPage() {
  const [search, setSearch] = useSearchParams();
  const cursor = search.get('cursor') ?? undefined;
  const query = useQuery({ ...sweepsQuery(cursor), placeholderData: keepPreviousData });
  const now = useNow();
  const submits = useMay('submitter');
  return (
    <Page
      title="Sweeps"
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
        {({ items, nextCursor }) =>
          items.length === 0 ? (
            <div className="card">
              <Empty title="No sweeps yet">
                <p>
                  A sweep trains many networks on your data and ranks them. Create one here, or submit a file from a
                  terminal:
                </p>
                <pre>npx unroll init && npx unroll sweep submit sweep.yaml</pre>
                <ButtonLink kind="primary" to="/submit">
                  New sweep
                </ButtonLink>
              </Empty>
            </div>
          ) : (
            <>
              <div className="card">
                <DataTable caption="Sweeps" columns={columns(now)} rows={items} rowKey={({ id }) => id} />
              </div>
              {(cursor !== undefined || nextCursor) && (
                <div className="row">
                  {cursor !== undefined && <ButtonLink to="/sweeps">Newest</ButtonLink>}
                  {nextCursor && (
                    <button type="button" className="button" onClick={() => setSearch({ cursor: nextCursor })}>
                      Older sweeps
                    </button>
                  )}
                </div>
              )}
            </>
          )
        }
      </Loaded>
    </Page>
  );
}

const columns = (now: number): Column<SweepView>[] => [
  {
    id: 'name',
    header: 'Sweep',
    cell: ({ id, name }) => (
      <span className="named">
        <Link to={`/sweeps/${id}`}>{name}</Link>
        <code>{id}</code>
      </span>
    ),
  },
  { id: 'owner', header: 'Owner', cell: ({ owner }) => owner },
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
    cell: (sweep) => {
      const left = secondsLeft(sweep, now);
      return left === null ? <span className="muted">{none}</span> : `about ${duration(left)}`;
    },
  },
  {
    id: 'created',
    header: 'Submitted',
    numeric: true,
    cell: ({ createdAt }) => (
      <time dateTime={createdAt} title={at(createdAt)} className="muted">
        {ago(createdAt, now)}
      </time>
    ),
  },
];
