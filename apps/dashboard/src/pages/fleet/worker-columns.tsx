import { labelsText, type WorkerView } from '@unroll/contracts';
import { Link } from 'react-router';
import type { Column } from '../../design/DataTable';
import { State } from '../../design/State';
import { bytes, count, counted, none, number, percent } from '../../format/number';
import { ago } from '../../format/time';
import { Drain } from './Drain';
import { UseChart } from './UseChart';

/** The columns of the table of workers; `isOperator`: whether the reader may ask them to leave. */
export const workerColumns = (now: number, isOperator: boolean): Column<WorkerView>[] => [
  {
    id: 'worker',
    header: 'Worker',
    cell: ({ id, host, pid, labels }) => (
      <span className="named">
        <strong>{host}</strong>
        <code>
          {id} · process {pid}
        </code>
        {Object.keys(labels).length > 0 && <span className="small muted">{labelsText(labels)}</span>}
      </span>
    ),
  },
  { id: 'state', header: 'State', cell: (worker) => <WorkerState of={worker} now={now} /> },
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
  { id: 'use', header: 'Use', cell: ({ use }) => <UseChart use={use} /> },
  { id: 'running', header: 'Running', cell: ({ running, others }) => <Running trials={running} others={others} /> },
  ...(isOperator
    ? [
        {
          id: 'drain',
          header: 'Drain',
          hiddenHeader: true,
          numeric: true,
          cell: (worker: WorkerView) => <Drain worker={worker} />,
        },
      ]
    : []),
];

/** What it does, and since when it has not been seen. */
function WorkerState({ of, now }: { of: WorkerView; now: number }) {
  const { lastSeen, pace, slow, silent, drain, running, others } = of;
  const work = running.length + others === 0 ? 'idle' : 'training';
  const state = silent ? 'silent' : slow ? 'slow' : drain === null ? work : 'leaving';
  const leaves = drain !== null && !silent;
  return (
    <span className="named">
      <State state={state} />
      {slow && !silent && <span className="small muted">{percent(pace)} of the median pace</span>}
      {leaves && <span className="small muted">{drain === 'finish' ? 'once it has finished' : 'at once'}</span>}
      <span className="small muted">seen {ago(lastSeen, now)}</span>
    </span>
  );
}

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
