import type { Front } from '@unroll/contracts';
import { useQuery } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { useNavigate } from 'react-router';
import { frontQuery } from '../../api/queries';
import { EChart } from '../../charts/EChart';
import { frontOption } from '../../charts/front-option';
import { Empty, Loaded } from '../../design/Messages';
import { Card } from '../../design/Page';
import { counted } from '../../format/number';

/** The configurations of a sweep with several objectives, and those that no other one beats in all of them. */
export function FrontCard({ id }: { id: string }) {
  const query = useQuery(frontQuery(id));
  return (
    <Loaded query={query} what="Loading the Pareto front">
      {(front) =>
        front.items.length === 0 ? (
          <Card title="Pareto front">
            <Empty title="No configuration has all objectives yet" />
          </Card>
        ) : (
          <Shown front={front} />
        )
      }
    </Loaded>
  );
}

function Shown({ front }: { front: Front }) {
  const navigate = useNavigate();
  const metrics = front.objectives.map(({ metric }) => metric);
  const [x, setX] = useState(metrics[1]!);
  const [y, setY] = useState(metrics[0]!);
  const option = useCallback(() => frontOption(front, x, y), [front, x, y]);
  const open = useCallback(
    (data: unknown) => void navigate(`/trials/${(data as { trialId: string }).trialId}`),
    [navigate],
  );
  const best = front.items.filter((row) => row.front === 1).length;
  return (
    <Card
      title="Pareto front"
      about={`${counted(best, 'configuration')} of ${front.items.length} that no other one equals or beats in every objective. Click a point to open its trial.`}
      actions={
        metrics.length > 2 && (
          <>
            <AxisChoice name="Across" metrics={metrics} metric={x} other={y} choose={setX} />
            <AxisChoice name="Up" metrics={metrics} metric={y} other={x} choose={setY} />
          </>
        )
      }
    >
      <EChart label={`Pareto front of ${y} over ${x}`} height={340} option={option} onPick={open} />
    </Card>
  );
}

interface AxisChoiceProps {
  name: string;
  metrics: readonly string[];
  metric: string;
  other: string;
  choose: (metric: string) => void;
}

function AxisChoice({ name, metrics, metric, other, choose }: AxisChoiceProps) {
  return (
    <label className="field">
      {name}
      <select value={metric} onChange={({ target }) => choose(target.value)}>
        {metrics.map((each) => (
          <option key={each} disabled={each === other}>
            {each}
          </option>
        ))}
      </select>
    </label>
  );
}
