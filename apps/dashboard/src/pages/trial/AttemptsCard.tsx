import type { AttemptView } from '@unroll/contracts';
import { useQuery } from '@tanstack/react-query';
import { attemptsQuery } from '../../api/queries';
import { DataTable, type Column } from '../../design/DataTable';
import { Empty, Loaded } from '../../design/Messages';
import { Card } from '../../design/Page';
import { State } from '../../design/State';
import { count } from '../../format/number';
import { at, duration } from '../../format/time';

/** Where the trial ran, in how many lanes, and how each attempt ended. */
export function AttemptsCard({ id, isStudy }: { id: string; isStudy: boolean }) {
  const query = useQuery(attemptsQuery(id));
  return (
    <Card
      title="Attempts"
      about={isStudy ? 'Each time that someone asked for this trial' : 'Each run of this trial by a worker'}
      flush
    >
      <Loaded query={query} what="Loading attempts">
        {({ items }) =>
          items.length === 0 ? (
            <Empty title={isStudy ? 'Nobody has asked for this trial yet' : 'No worker has claimed this trial yet'} />
          ) : (
            <>
              <DataTable
                caption="Attempts"
                columns={isStudy ? askedColumns() : columns}
                rows={items}
                rowKey={(attempt) => attempt.id}
              />
              {items
                .filter(({ log }) => log !== null)
                .map((attempt) => (
                  <details key={attempt.id} className="log">
                    <summary>Last log lines of attempt {attempt.id}</summary>
                    <pre className="code" tabIndex={0}>
                      {attempt.log}
                    </pre>
                  </details>
                ))}
            </>
          )
        }
      </Loaded>
    </Card>
  );
}

const seconds = ({ startedAt, finishedAt }: AttemptView): number | null =>
  finishedAt ? (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000 : null;

/** Of a study: who asked, and from where; its training code is not known here. */
const askedColumns = (): Column<AttemptView>[] =>
  columns
    .filter(({ id }) => !['engine', 'lanes', 'from'].includes(id))
    .map((column) => (column.id === 'where' ? { ...column, header: 'Asked by' } : column));

const columns: Column<AttemptView>[] = [
  { id: 'id', header: 'Attempt', cell: ({ id }) => <code>{id}</code> },
  { id: 'state', header: 'State', cell: ({ state }) => <State state={state} /> },
  {
    id: 'where',
    header: 'Host',
    cell: ({ host, workerId }) => (
      <span className="named">
        {host}
        <code>{workerId}</code>
      </span>
    ),
  },
  { id: 'engine', header: 'Engine', cell: ({ engine }) => engine },
  {
    id: 'lanes',
    header: 'Lanes',
    cell: ({ lanes, groupId }) => (
      <span className="named">
        {count(lanes)} side by side
        <code>group {groupId.slice(0, 8)}</code>
      </span>
    ),
  },
  { id: 'from', header: 'From update', numeric: true, cell: ({ resumedFrom }) => count(resumedFrom) },
  { id: 'started', header: 'Started', numeric: true, cell: ({ startedAt }) => at(startedAt) },
  { id: 'took', header: 'Duration', numeric: true, cell: (attempt) => duration(seconds(attempt)) },
  { id: 'message', header: 'Message', cell: ({ message }) => <span className="reason">{message ?? ''}</span> },
];
