import type { Importance, Points, SweepView } from '@unroll/contracts';
import { useQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import { useNavigate } from 'react-router';
import { importanceQuery, pointsQuery } from '../../api/queries';
import { EChart } from '../../charts/EChart';
import { goodRange } from '../../charts/good-range';
import { plottedText } from '../../charts/plotted';
import { sliceOption, valuesRange } from '../../charts/scatter-option';
import { Empty, Loaded } from '../../design/Messages';
import { Card } from '../../design/Page';
import { count, number, percent } from '../../format/number';
import { shortPath } from '../../format/parameters';
import { InteractionCard } from './InteractionCard';

/** Parameter importance, and the value over each parameter. */
export default function ParametersTab({ sweep }: { sweep: SweepView }) {
  // It is asked for once: the card asks for the same.
  const importance = useQuery(importanceQuery(sweep.id));
  const points = useQuery(pointsQuery(sweep.id));
  return (
    <>
      <ImportanceCard sweepId={sweep.id} />
      <Loaded query={points} what="Loading trials">
        {(answer) => (
          <>
            <Slices points={answer} />
            {answer.parameters.length > 1 && (
              <InteractionCard points={answer} strongest={importance.data?.interactions[0]?.parameters} />
            )}
          </>
        )}
      </Loaded>
    </>
  );
}

/** The importance of each parameter. */
export function ImportanceCard({ sweepId }: { sweepId: string }) {
  const query = useQuery(importanceQuery(sweepId));
  return (
    <Loaded query={query} what="Loading parameter importance">
      {(importance) => <Importances importance={importance} />}
    </Loaded>
  );
}

function Importances({ importance }: { importance: Importance }) {
  const { state, why, method, trials, items, interactions } = importance;
  if (state === 'impossible')
    return (
      <Card title="Importance">
        <Empty title="Importance is not available yet">
          <p>{why}</p>
        </Empty>
      </Card>
    );
  if (state === 'computing' && items.length === 0)
    return (
      <Card title="Importance">
        <p className="waiting" role="status">
          Computing from {count(trials)} configurations …
        </p>
      </Card>
    );
  return (
    <Card
      title="Importance"
      about={
        `Share of the variance of the value explained by each parameter; ${method}, from ${count(trials)} configurations` +
        (state === 'computing' ? '; updating …' : '')
      }
    >
      <table className="bars">
        <caption className="hidden">Importance of each parameter</caption>
        <thead className="hidden">
          <tr>
            <th scope="col">Parameter</th>
            <th scope="col">Share</th>
          </tr>
        </thead>
        <tbody>
          {items.map(({ parameter, importance: share, deviation }) => (
            <Bar key={parameter} name={shortPath(parameter)} title={parameter} share={share} deviation={deviation} />
          ))}
          {interactions.slice(0, 5).map(({ parameters, importance: share }) => (
            <Bar
              key={parameters.join()}
              name={parameters.map(shortPath).join(' × ')}
              title={`Interaction of ${parameters.join(' and ')}: variance explained by both together, but by neither alone`}
              share={share}
              together
            />
          ))}
        </tbody>
      </table>
    </Card>
  );
}

interface BarProps {
  name: string;
  title: string;
  share: number;
  deviation?: number;
  together?: boolean;
}

function Bar({ name, title, share, deviation, together = false }: BarProps) {
  return (
    <tr>
      <th scope="row" title={title}>
        {name}
      </th>
      <td>
        <span className={together ? 'bar together' : 'bar'} style={{ width: `${Math.max(0.4, share * 100)}%` }} />
      </td>
      <td className="number">
        {percent(share)}
        {deviation !== undefined && <span className="muted"> ± {percent(deviation)}</span>}
      </td>
    </tr>
  );
}

function Slices({ points }: { points: Points }) {
  const clipped = valuesRange(points);
  if (points.parameters.length === 0) return <Empty title="This sweep has no searched parameters" />;
  return (
    <Card
      title="Slices"
      about={
        `${points.metric} over each parameter, ${plottedText(points)}. Dots: completed; triangles: pruned or running. ` +
        'Shaded: where the best tenth of the trials is. Click a point to open its trial.'
      }
    >
      <div className="slices">
        {points.parameters.map(({ path }, index) => (
          <Slice key={path} points={points} index={index} />
        ))}
      </div>
      {clipped && <p className="small muted">{clipped.text}</p>}
    </Card>
  );
}

function Slice({ points, index }: { points: Points; index: number }) {
  const navigate = useNavigate();
  const option = useCallback(() => sliceOption(points, index), [points, index]);
  const pick = useCallback(
    (data: unknown) => void navigate(`/trials/${(data as { trialId: string }).trialId}`),
    [navigate],
  );
  const { path, scale } = points.parameters[index]!;
  const range = scale === 'category' ? null : goodRange(points, index);
  return (
    <div>
      <h3>
        {shortPath(path)} {scale === 'log' && <span className="muted small">log scale</span>}
        {range && (
          <span className="muted small">
            {' '}
            best in {number(range[0])} to {number(range[1])}
          </span>
        )}
      </h3>
      <EChart label={`${points.metric} over ${path}, one point per trial`} height={210} option={option} onPick={pick} />
    </div>
  );
}
