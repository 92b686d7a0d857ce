import type { ECharts, EChartsCoreOption } from 'echarts/core';
import { useEffect, useRef, useState } from 'react';
import { useTheme } from '../design/theme';
import { Waiting } from '../design/Messages';

export interface EChartProps {
  /** What it shows, in a sentence: a picture says nothing to those who do not see it. */
  label: string;
  height: number;
  /** Made anew when the theme changes. Must be stable otherwise. */
  option: () => EChartsCoreOption;
  /** What is clicked: a point with its data. */
  onPick?: ((data: unknown) => void) | undefined;
  /** Once it stands: for events of its own. */
  onReady?: ((chart: ECharts) => void) | undefined;
}

/** A chart by ECharts, which is fetched when the first one is shown. */
export function EChart({ label, height, option, onPick, onReady }: EChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const [chart, setChart] = useState<ECharts | null>(null);
  const theme = useTheme();
  useEffect(() => {
    let made: ECharts | undefined;
    let gone = false;
    void import('./echarts').then(({ init }) => {
      if (gone || !place.current) return;
      made = init(place.current);
      setChart(made);
    });
    return () => {
      gone = true;
      made?.dispose();
      setChart(null);
    };
  }, []);
  useEffect(() => {
    if (!chart || !place.current) return;
    const observer = new ResizeObserver(() => chart.resize());
    observer.observe(place.current);
    onReady?.(chart);
    return () => observer.disconnect();
    // What it calls may change at each render; the chart need not.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [chart]);
  useEffect(() => {
    chart?.setOption({ animation: false, ...option() }, { notMerge: true });
  }, [chart, option, theme]);
  useEffect(() => {
    if (!chart || !onPick) return;
    const pick = ({ data }: { data?: unknown }): void => onPick(data);
    chart.on('click', pick as never);
    return () => void chart.off('click', pick);
  }, [chart, onPick]);
  return (
    <figure className="chart" role="img" aria-label={label} style={{ height }}>
      {chart === null && <Waiting what="Drawing" />}
      <div ref={place} style={{ height, width: '100%' }} aria-hidden="true" />
    </figure>
  );
}
