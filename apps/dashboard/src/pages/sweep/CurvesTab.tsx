import type { Curves as CurvesAnswer, Points, SweepView } from '@unroll/contracts';
import { useQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { useNavigate } from 'react-router';
import { curvesQuery, pointsQuery } from '../../api/queries';
import Curves, { type ShownCurve } from '../../charts/Curves';
import { readCurveState } from '../../charts/curve-state';
import { CurveOptions } from '../../charts/CurveOptions';
import { MetricChoice } from '../../charts/MetricChoice';
import { EChart } from '../../charts/EChart';
import { groupedCurves } from '../../charts/grouped';
import { groupedOption, groupedRange } from '../../charts/grouped-option';
import { Legend } from '../../charts/Legend';
import { category, chartInk, scaleColour } from '../../charts/palette';
import { ScaleLegend } from '../../charts/ScaleLegend';
import { Empty, Loaded } from '../../design/Messages';
import { Card } from '../../design/Page';
import { useTheme, type Theme } from '../../design/theme';
import { count, counted } from '../../format/number';
import { shortPath } from '../../format/parameters';
import { useSearch } from '../../charts/own-search';

/** The learning curves of a sweep's best trials, coloured by rank. */
export default function CurvesTab({ sweep }: { sweep: SweepView }) {
  const [search] = useSearch();
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
          <Shown answer={answer} sweep={sweep} />
        )
      }
    </Loaded>
  );
}

function Shown({ answer, sweep }: { answer: CurvesAnswer; sweep: SweepView }) {
  const { total } = sweep;
  const [search, setSearch] = useSearch();
  const points = useQuery(pointsQuery(sweep.id));
  const parameters = points.data?.parameters ?? [];
  const group = parameters.findIndex(({ path }) => path === search.get('group'));
  const shown = answer.items.length;
  const diverged = answer.items.filter(({ state }) => state === 'diverged').length;
  return (
    <Card
      title={answer.metric}
      about={
        `${count(shown)} of ${count(total)} trials, best first${shown < total ? ' among those with reports' : ''}. ` +
        (diverged > 0
          ? group < 0
            ? `In red, ${count(diverged)} that diverged. `
            : `${count(diverged)} that diverged are left out. `
          : '') +
        (group < 0 ? 'Click a curve to open its trial.' : 'Lines: medians; bands: the middle half of the trials.')
      }
      actions={
        <>
          {parameters.length > 0 && (
            <label className="field">
              Group by
              <select
                value={parameters[group]?.path ?? ''}
                onChange={({ target }) => setSearch((now) => grouped(now, target.value), { replace: true })}
              >
                <option value="">trial</option>
                {parameters.map(({ path }) => (
                  <option key={path} value={path}>
                    {shortPath(path)}
                  </option>
                ))}
              </select>
            </label>
          )}
          <MetricChoice metrics={answer.metrics} metric={answer.metric} />
          <CurveOptions />
        </>
      }
    >
      {group >= 0 && points.data ? (
        <Grouped answer={answer} points={points.data} index={group} />
      ) : (
        <EachTrial answer={answer} />
      )}
    </Card>
  );
}

function grouped(search: URLSearchParams, path: string): URLSearchParams {
  const next = new URLSearchParams(search);
  if (path === '') next.delete('group');
  else next.set('group', path);
  return next;
}

function EachTrial({ answer }: { answer: CurvesAnswer }) {
  const theme = useTheme();
  const navigate = useNavigate();
  const [search] = useSearch();
  const { smoothing, logarithmic } = readCurveState(search);
  const curves = useMemo(() => ranked(answer, theme), [answer, theme]);
  const open = useCallback((id: string) => void navigate(`/trials/${id}`), [navigate]);
  return (
    <>
      <Curves
        label={`Learning curves of ${answer.items.length} trials: ${answer.metric} over updates`}
        curves={curves}
        height={460}
        smoothing={smoothing}
        logarithmic={logarithmic}
        onPick={open}
      />
      <ScaleLegend from="best" to="worst" />
    </>
  );
}

/** The median curve of each value of a parameter. */
function Grouped({ answer, points, index }: { answer: CurvesAnswer; points: Points; index: number }) {
  const theme = useTheme();
  const [search] = useSearch();
  const { logarithmic } = readCurveState(search);
  const groups = useMemo(() => groupedCurves(answer, points, index), [answer, points, index]);
  const option = useCallback(() => groupedOption(groups, logarithmic, theme), [groups, logarithmic, theme]);
  const clipped = useMemo(() => groupedRange(groups, logarithmic), [groups, logarithmic]);
  const { path } = points.parameters[index]!;
  return (
    <>
      <EChart label={`${answer.metric} over updates by ${path}: medians and quartiles`} height={460} option={option} />
      {clipped && <p className="small muted">{clipped.text} A logarithmic scale shows all.</p>}
      <Legend
        curves={groups.map(({ label, trials }, place) => ({
          key: label,
          label: `${shortPath(path)} ${label} (${counted(trials, 'trial')})`,
          colour: category(theme, place),
        }))}
      />
    </>
  );
}

/** The API sends the best first; reversed, they are drawn last and on top. */
function ranked({ items }: CurvesAnswer, theme: Theme): ShownCurve[] {
  const { diverged: red } = chartInk();
  return items
    .map(({ trialId, configuration, seed, updates, values, state }, index) => ({
      key: trialId,
      label: `#${index + 1} · trial ${trialId} · configuration ${configuration}, seed ${seed} · ${state}`,
      updates,
      values,
      colour: state === 'diverged' ? red : scaleColour(theme, items.length < 2 ? 0 : index / (items.length - 1)),
    }))
    .reverse();
}
