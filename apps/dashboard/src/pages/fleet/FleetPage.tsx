import type { WorkerView } from '@unroll/contracts';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { workersQuery } from '../../api/queries';
import { DataTable, type Column } from '../../design/DataTable';
import { Empty, Loaded } from '../../design/Messages';
import { Card, Facts, Page } from '../../design/Page';
import { useNow } from '../../design/use-now';
import { bytes, count, counted, none, number, percent } from '../../format/number';
import { ago } from '../../format/time';
import { SharesCard } from './SharesCard';

/** The connected workers and what each is running. */
export default function FleetPage() {
  const query = useQuery(workersQuery());
  const now = useNow(2_000);
  return (
    <Page title="Fleet" about="Workers seen in the last few seconds">
      <Loaded query={query} what="Loading workers">
        {({ items }) =>
          items.length === 0 ? (
            <div className="card">
              <Empty title="No workers">
                <p>
                  Trials wait until a worker joins. Run this on each machine, with the fleet's environment variables:
                </p>
                <pre>npx unroll worker</pre>
              </Empty>
            </div>
          ) : (
            <Shown workers={items} now={now} />
          )
        }
      </Loaded>
      <SharesCard />
    </Page>
  );
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function Shown({ workers, now }: { workers: readonly WorkerView[]; now: number }) {
  const steps = sum(workers.map(({ stepsPerSecond }) => stepsPerSecond ?? 0));
  const engines = [...new Set(workers.map(({ engine }) => engine))];
  return (
    <>
      <Facts
        items={[
          {
            name: 'Workers',
            value: count(workers.length),
            note: `on ${counted(new Set(workers.map(({ host }) => host)).size, 'machine')}`,
          },
          { name: 'Trainers', value: count(sum(workers.map(({ slots }) => slots))), note: engines.join(', ') },
          { name: 'Running trials', value: count(sum(workers.map(({ running, others }) => running.length + others))) },
          { name: 'Updates per second', value: steps > 0 ? number(steps, 3) : none, note: 'across all lanes' },
        ]}
      />
      <Card title="Workers" flush>
        <DataTable caption="Workers" columns={columns(now)} rows={workers} rowKey={({ id }) => id} />
      </Card>
    </>
  );
}

const columns = (now: number): Column<WorkerView>[] => [
  {
    id: 'worker',
    header: 'Worker',
    cell: ({ id, host, pid }) => (
      <span className="named">
        <strong>{host}</strong>
        <code>
          {id} · process {pid}
        </code>
      </span>
    ),
  },
  {
    id: 'engine',
    header: 'Engine',
    cell: ({ engine, device }) => (
      <span className="named">
        {engine}
        <span className="small muted">{device}</span>
      </span>
    ),
  },
  { id: 'memory', header: 'Memory', cell: ({ memory }) => <Memory memory={memory} /> },
  { id: 'lanes', header: 'Lanes', numeric: true, cell: ({ lanes, slots }) => `${count(lanes)} × ${count(slots)}` },
  { id: 'steps', header: 'Updates per second', numeric: true, cell: ({ stepsPerSecond }) => number(stepsPerSecond, 3) },
  { id: 'running', header: 'Running', cell: ({ running, others }) => <Running trials={running} others={others} /> },
  {
    id: 'seen',
    header: 'Last seen',
    numeric: true,
    cell: ({ lastSeen }) => <span className="muted">{ago(lastSeen, now)}</span>,
  },
];

function Memory({ memory }: { memory: WorkerView['memory'] }) {
  if (memory === null) return <span className="muted">{none}</span>;
  const share = memory.used / memory.total;
  return (
    <span className="memory">
      <meter min={0} max={1} value={share} aria-label={`${percent(share)} of memory in use`} />
      <span className="small number">
        {bytes(memory.used)} <span className="muted">of {bytes(memory.total)}</span>
      </span>
    </span>
  );
}

/** Maximum number of trial links in a row. */
const shown = 4;

function Running({ trials, others }: { trials: readonly string[]; others: number }) {
  if (trials.length + others === 0) return <span className="muted">idle</span>;
  return (
    <span className="links">
      {trials.slice(0, shown).map((id) => (
        <Link key={id} to={`/trials/${id}`} className="mono">
          {id}
        </Link>
      ))}
      {trials.length > shown && <span className="muted small">and {trials.length - shown} more</span>}
      {others > 0 && <span className="muted small">{counted(others, 'trial')} of other teams</span>}
    </span>
  );
}
