import type { Shares, ShareView } from '@unroll/contracts';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { sharesQuery } from '../../api/queries';
import { DataTable, type Column } from '../../design/DataTable';
import { Loaded } from '../../design/Messages';
import { Card } from '../../design/Page';
import { count, counted, mark } from '../../format/number';

interface Row extends ShareView {
  isTeam: boolean;
}

/** Who uses how much of the fleet, within which limits, and why trials wait. */
export function SharesCard() {
  return (
    <Loaded query={useQuery(sharesQuery())} what="Loading shares">
      {(shares) => (
        <Card title="Shares" about={about(shares)} flush>
          <DataTable
            caption="Shares of teams and members"
            columns={columns}
            rows={rows(shares)}
            rowKey={({ isTeam, name }) => `${isTeam ? 'team' : 'member'} ${name}`}
          />
          <WaitingSweeps waiting={shares.waiting} />
        </Card>
      )}
    </Loaded>
  );
}

function about({ halfLifeDays, others }: Shares): string {
  const rule = `A free trainer goes to whoever uses least for their weight, now and of late (half-life ${counted(halfLifeDays, 'day')})`;
  return others.teams === 0
    ? rule
    : `${rule}. ${counted(others.teams, 'other team')} with sweeps ${others.teams === 1 ? 'uses' : 'use'} ${counted(others.trainers, 'trainer')}`;
}

/** All teams for an operator, else one's own; then its members. */
const rows = ({ team, teams, members }: Shares): Row[] => [
  ...(teams && teams.length > 0 ? teams : [team]).map((each) => ({ ...each, isTeam: true })),
  ...members.map((each) => ({ ...each, isTeam: false })),
];

const columns: Column<Row>[] = [
  {
    id: 'who',
    header: 'Who',
    cell: ({ name, isTeam }) =>
      isTeam ? (
        <span className="named">
          <strong>{name}</strong>
          <span className="small muted">team</span>
        </span>
      ) : (
        name
      ),
  },
  { id: 'weight', header: 'Weight', numeric: true, cell: ({ weight }) => mark(weight) },
  { id: 'trainers', header: 'Trainers', numeric: true, cell: ({ use }) => count(use.trainers) },
  { id: 'recent', header: 'Of late', numeric: true, cell: ({ use }) => decimal(use.recent) },
  {
    id: 'lanes',
    header: 'Running trials',
    cell: ({ use, quotas }) => <Used used={use.lanes} most={quotas.lanes} what="trials at once" digits={0} />,
  },
  {
    id: 'hours',
    header: 'GPU hours this month',
    cell: ({ use, quotas }) => <Used used={use.gpuHours} most={quotas.gpuHours} what="GPU hours" digits={1} />,
  },
  {
    id: 'storage',
    header: 'Data sets, GB',
    cell: ({ use, quotas }) => <Used used={use.storageGb} most={quotas.storageGb} what="gigabytes" digits={2} />,
  },
];

const decimal = (value: number, digits = 2): string => value.toFixed(digits);

/** What is used, beside a meter where there is a limit. */
function Used({ used, most, what, digits }: { used: number; most: number | null; what: string; digits: number }) {
  const text = decimal(used, digits);
  if (most === null) return <span className="number">{text}</span>;
  return (
    <span className="memory">
      <meter min={0} max={1} value={used / most} aria-label={`${text} of ${mark(most)} ${what}`} />
      <span className="small number">
        {text} <span className="muted">of {mark(most)}</span>
      </span>
    </span>
  );
}

function WaitingSweeps({ waiting }: Pick<Shares, 'waiting'>) {
  if (waiting.length === 0) return null;
  return (
    <ul className="waiting-sweeps small">
      {waiting.map(({ sweepId, name, owner, priority, trials, text }) => (
        <li key={sweepId}>
          <Link to={`/sweeps/${sweepId}`}>{name}</Link>{' '}
          <span className="muted">
            by {owner}
            {priority === 'normal' ? '' : `, ${priority} priority`} · {counted(trials, 'trial')}{' '}
            {trials === 1 ? 'waits' : 'wait'}: {text}
          </span>
        </li>
      ))}
    </ul>
  );
}
