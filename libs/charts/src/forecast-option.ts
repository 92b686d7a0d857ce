import type { ShownForecast } from '@unroll/contracts';
import type { EChartsCoreOption } from 'echarts/core';

/** The colours and the font of a chart. */
export interface ForecastInk {
  font: string;
  ink: string;
  axis: string;
  grid: string;
  accent: string;
}

interface Look {
  ink: ForecastInk;
  /** Writes a value on an axis. */
  mark: (value: number) => string;
  /** Where several charts are: how many beside each other, on a picture of so many pixels. One chart fills its place. */
  layout?: { columns: number; width: number; height: number };
}

const legendHeight = 30;
const margins = { left: 58, right: 16, top: 26, bottom: 30 };

interface Frame {
  grid: Record<string, number>;
  title: { left: number; top: number };
}

/** The frame of each chart, with space between for its title and labels. */
function frames(count: number, { layout }: Look): Frame[] {
  const { left, right, top, bottom } = margins;
  if (!layout)
    return [{ grid: { left, right, bottom, top: legendHeight + top }, title: { left, top: legendHeight + 4 } }];
  const { columns, width, height } = layout;
  const rows = Math.ceil(count / columns);
  const [cell, tall] = [width / columns, (height - legendHeight) / rows];
  return Array.from({ length: count }, (_, index) => {
    const [x, y] = [(index % columns) * cell, legendHeight + Math.floor(index / columns) * tall];
    const size = { width: cell - left - right, height: tall - top - bottom };
    return { grid: { left: x + left, top: y + top, ...size }, title: { left: x + left, top: y + 4 } };
  });
}

/** Pairs of levels around the median, the widest first: 0.05 with 0.95, 0.25 with 0.75. */
function intervals(quantiles: ShownForecast['quantiles']): { name: string; low: string; high: string }[] {
  const levels = Object.keys(quantiles).sort((a, b) => Number(a) - Number(b));
  return levels.slice(0, Math.floor(levels.length / 2)).map((low, index) => {
    const high = levels.at(-1 - index)!;
    return { name: `${Math.round((Number(high) - Number(low)) * 100)} % interval`, low, high };
  });
}

type Values = readonly (number | null)[];

/** The narrower an interval, the darker. */
const bandOpacity = (band: number): number => Math.min(0.6, 0.18 + 0.16 * band);

/** What a chart draws: the series before and after the start of the forecast, the forecast, and its intervals as areas upon a base. */
function drawn(forecast: ShownForecast, index: number, { ink }: Look) {
  const { past, truth, values, quantiles } = forecast;
  const ahead = (own: Values): Values => [...past.values.map(() => null), ...own];
  const on = { type: 'line', xAxisIndex: index, yAxisIndex: index, showSymbol: false, silent: true };
  const bands = intervals(quantiles).flatMap(({ name, low, high }, band) => {
    const [from, to] = [quantiles[low]!, quantiles[high]!];
    // 'all': also where the base is below 0 and the area above it.
    const stacked = { ...on, stack: `${index} ${name}`, stackStrategy: 'all', lineStyle: { width: 0 } };
    const height = to.map((value, at) => (value === null ? null : value - (from[at] ?? value)));
    return [
      { ...stacked, name: '', data: ahead(from) },
      { ...stacked, name, data: ahead(height), areaStyle: { opacity: bandOpacity(band) }, color: ink.accent },
    ];
  });
  return [
    ...bands,
    { ...on, name: 'data', data: [...past.values, ...truth], lineStyle: { width: 1.5 }, color: ink.ink, z: 3 },
    { ...on, name: 'forecast', data: ahead(values), lineStyle: { width: 2 }, color: ink.accent, z: 4 },
  ];
}

/**
 * Forecasts with their intervals against the truth, a chart for each, as an option of ECharts. It needs a line chart, and the components
 * grid, title and legend.
 */
export function forecastOption(forecasts: readonly ShownForecast[], look: Look): EChartsCoreOption {
  const { font, ink, axis, grid } = look.ink;
  const places = frames(forecasts.length, look);
  const label = { color: axis, fontSize: 10, hideOverlap: true };
  const lines = { axisLine: { show: true, lineStyle: { color: grid } }, axisTick: { show: false } };
  const bands = [...new Set(forecasts.flatMap((each) => intervals(each.quantiles).map(({ name }) => name)))];
  const legend = [
    ...['data', 'forecast'].map((name) => ({ name, icon: 'roundRect' })),
    ...bands.map((name, band) => ({ name, icon: 'rect', itemStyle: { opacity: bandOpacity(band) } })),
  ];
  return {
    animation: false,
    textStyle: { fontFamily: font },
    legend: {
      ...{ data: legend, top: 4, left: 'center', itemWidth: 18, itemHeight: 8, itemGap: 18, selectedMode: false },
      textStyle: { color: axis, fontSize: 11 },
    },
    title: places.map(({ title }, index) => ({
      ...title,
      text: [forecasts[index]!.series, forecasts[index]!.target ?? ''].filter((name) => name !== '').join(', '),
      textStyle: { color: ink, fontSize: 12, fontWeight: 600 },
    })),
    grid: places.map((place) => place.grid),
    xAxis: forecasts.map(({ past, times }, gridIndex) => ({
      ...{ type: 'category', gridIndex, data: [...past.times, ...times], boundaryGap: false },
      ...{ ...lines, axisLabel: label },
    })),
    yAxis: forecasts.map((_, gridIndex) => ({
      ...{ type: 'value', gridIndex, scale: true, splitNumber: 4 },
      ...{ ...lines, splitLine: { lineStyle: { color: grid } }, axisLabel: { ...label, formatter: look.mark } },
    })),
    series: forecasts.flatMap((forecast, index) => drawn(forecast, index, look)),
  };
}
