import type { Curves as CurvesAnswer, SweepView } from '@unroll/contracts';
import { useQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { curvesQuery } from '../../api/queries';
import Curves, { type ShownCurve } from '../../charts/Curves';
import { readCurveState } from '../../charts/curve-state';
import { CurveOptions } from '../../charts/CurveOptions';
import { MetricChoice } from '../../charts/MetricChoice';
import { scaleColour } from '../../charts/palette';
import { ScaleLegend } from '../../charts/ScaleLegend';
import { Empty, Loaded } from '../../design/Messages';
import { Card } from '../../design/Page';
import { useTheme, type Theme } from '../../design/theme';
import { count } from '../../format/number';

/** The learning curves of a sweep's best trials, coloured by rank. */
export default function CurvesTab({ sweep }: { sweep: SweepView }) {
  const [search] = useSearchParams();
  const { metric } = readCurveState(search);
  const query = useQuery(curvesQuery(sweep.id, metric));
  return (
    <Loaded query={query} what="Loading curves">
      {(answer) =>
        answer.items.length === 0 ? (
          <Empty title="No curves yet">
            <p>Curves appear when running trials send their first reports.</p>
          </Empty>
        ) : (
          <Shown answer={answer} total={sweep.total} />
        )
      }
    </Loaded>
  );
}

function Shown({ answer, total }: { answer: CurvesAnswer; total: number }) {
  const theme = useTheme();
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const { smoothing, logarithmic } = readCurveState(search);
  const curves = useMemo(() => ranked(answer, theme), [answer, theme]);
  const open = useCallback((id: string) => void navigate(`/trials/${id}`), [navigate]);
  const shown = answer.items.length;
  return (
    <Card
      title={answer.metric}
      about={
        `${count(shown)} of ${count(total)} trials, best first${shown < total ? ' among those with reports' : ''}. ` +
        'Click a curve to open its trial.'
      }
      actions={
        <>
          <MetricChoice metrics={answer.metrics} metric={answer.metric} />
          <CurveOptions />
        </>
      }
    >
      <Curves
        label={`Learning curves of ${shown} trials: ${answer.metric} over updates`}
        curves={curves}
        height={460}
        smoothing={smoothing}
        logarithmic={logarithmic}
        onPick={open}
      />
      <ScaleLegend from="best" to="worst" />
    </Card>
  );
}

/** The API sends the best first; reversed, they are drawn last and on top. */
function ranked({ items }: CurvesAnswer, theme: Theme): ShownCurve[] {
  return items
    .map(({ trialId, configuration, seed, updates, values, state }, index) => ({
      key: trialId,
      label: `#${index + 1} · trial ${trialId} · configuration ${configuration}, seed ${seed} · ${state}`,
      updates,
      values,
      colour: scaleColour(theme, items.length < 2 ? 0 : index / (items.length - 1)),
    }))
    .reverse();
}
