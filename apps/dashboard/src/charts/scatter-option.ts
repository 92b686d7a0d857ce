import type { Points } from '@unroll/contracts';
import type { EChartsCoreOption } from 'echarts/core';
import { mark, number } from '../format/number';
import { parameterText } from '../format/parameters';
import { chartInk } from './palette';
import { plotted } from './plotted';
import { tooltip } from './tooltip';
import { valueScale } from './value-scale';

/** The style shared by all axes. */
export function axisLook() {
  const { axis, grid } = chartInk();
  return {
    axisLine: { show: true, lineStyle: { color: grid } },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: grid } },
    nameTextStyle: { color: axis, fontSize: 11 },
    axisLabel: { color: axis, fontSize: 10, hideOverlap: true },
  };
}

const figures = { formatter: (value: number) => mark(value) };

/** The value over one parameter, one point per trial; shape and colour mark completed trials. */
export function sliceOption(points: Points, index: number): EChartsCoreOption {
  const parameter = points.parameters[index]!;
  const { font, accent, pruned, surface } = chartInk();
  const look = axisLook();
  const isCategory = parameter.scale === 'category';
  const data = plotted(points).flatMap(({ at, value, trialId, state }) => {
    const place = at[index];
    if (value === null || place === null || place === undefined) return [];
    return [{ value: [isCategory ? parameterText(place) : place, value], trialId, completed: state === 'completed' }];
  });
  const dots = (completed: boolean) => ({
    type: 'scatter',
    symbol: completed ? 'circle' : 'emptyTriangle',
    symbolSize: data.length > 300 ? 4 : 6,
    itemStyle: {
      color: completed ? accent : pruned,
      borderColor: completed ? surface : pruned,
      borderWidth: 0.5,
      opacity: completed ? 0.9 : 0.6,
    },
    data: data.filter((point) => point.completed === completed),
  });
  return {
    textStyle: { fontFamily: font },
    grid: { left: 52, right: 12, top: 10, bottom: 26 },
    tooltip: {
      formatter: ({ data: { trialId, value } }: { data: { trialId: string; value: unknown[] } }) =>
        tooltip(`trial ${trialId}`, `${parameterText(value[0])}: ${number(value[1] as number)}`),
    },
    xAxis: {
      ...look,
      type: parameter.scale === 'linear' ? 'value' : parameter.scale,
      ...(isCategory
        ? { data: (parameter.values ?? []).map(parameterText) }
        : { scale: true, axisLabel: { ...look.axisLabel, ...figures } }),
      splitLine: { show: false },
    },
    yAxis: {
      ...look,
      type: valueScale(data.map(({ value }) => value[1] as number)),
      scale: true,
      splitNumber: 4,
      axisLabel: { ...look.axisLabel, ...figures },
    },
    series: [dots(false), dots(true)],
  };
}
