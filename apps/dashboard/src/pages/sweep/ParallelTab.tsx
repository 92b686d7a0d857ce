import type { Points, SweepView } from '@unroll/contracts';
import { useQuery } from '@tanstack/react-query';
import type { ECharts } from 'echarts/core';
import { useCallback } from 'react';
import { pointsQuery } from '../../api/queries';
import { EChart } from '../../charts/EChart';
import { brushCondition, chartAxes, parallelOption, parallelWidth } from '../../charts/parallel-option';
import { plottedText } from '../../charts/plotted';
import { ScaleLegend } from '../../charts/ScaleLegend';
import { Empty, Loaded } from '../../design/Messages';
import { Card } from '../../design/Page';
import { theme } from '../../design/theme';
import { readBoardState, withCondition, writeBoardState } from '../leaderboard/board-state';
import { SweepBoard } from './SweepBoard';
import { useSearch } from '../../charts/own-search';

/** Every trial as a line across its parameters; brushing an axis filters the table below. */
export default function ParallelTab({ sweep }: { sweep: SweepView }) {
  return (
    <>
      <ParallelCard
        sweepId={sweep.id}
        hint="Drag along an axis to filter the table below; click the axis to clear the filter. The table's filters do the same by keyboard."
      />
      <SweepBoard sweep={sweep} />
    </>
  );
}

/** The lines alone; `hint` says what a brush does, where it does something. */
export function ParallelCard({ sweepId, hint = '' }: { sweepId: string; hint?: string }) {
  const query = useQuery(pointsQuery(sweepId));
  return (
    <Loaded query={query} what="Loading trials">
      {(points) => {
        if (points.parameters.length === 0) return <Empty title="This sweep has no searched parameters to plot" />;
        return <Shown points={points} hint={hint} />;
      }}
    </Loaded>
  );
}

function Shown({ points, hint }: { points: Points; hint: string }) {
  const [, setSearch] = useSearch();
  const option = useCallback(() => parallelOption(points, theme()), [points]);
  const ready = (chart: ECharts): void => {
    chart.on('axisareaselected', () => setSearch((now) => brushed(chart, points, now), { replace: true }));
  };
  return (
    <Card title="Parallel coordinates" about={`${plottedText(points)}. ${hint}`}>
      <div className="wide-chart">
        <div style={{ minWidth: parallelWidth(points.parameters.length) }}>
          <EChart
            key={points.parameters.map(({ path }) => path).join()}
            label={`Parallel coordinates of ${points.items.length} trials over ${points.parameters.length} parameters and ${points.metric}`}
            height={340}
            option={option}
            onReady={ready}
          />
        </div>
      </div>
      <ScaleLegend from="best" to="worst" />
    </Card>
  );
}

interface AxisModel {
  activeIntervals: [number, number][];
}

/** ECharts keeps the brushed intervals in its model, which its typings leave out. */
interface ModelOwner {
  getModel(): { getComponent(name: string, index: number): AxisModel };
}

const hasModel = (chart: object): chart is ModelOwner => 'getModel' in chart;

/** The address with one condition per brushed axis, and none for the others. */
function brushed(chart: object, points: Points, search: URLSearchParams): URLSearchParams {
  // Only the chart's model knows every brushed axis: the event reports one.
  if (!hasModel(chart)) return search;
  const model = chart.getModel();
  const where = chartAxes(points).reduce((all, axis, index) => {
    const [interval] = model.getComponent('parallelAxis', index).activeIntervals;
    const exact = points.parameters[index]?.values ?? [];
    return withCondition(all, axis.path, interval && brushCondition(axis, interval, exact));
  }, readBoardState(search).where);
  return writeBoardState(search, { where });
}
