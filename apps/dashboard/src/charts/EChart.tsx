import type { ECElementEvent, ECharts, EChartsCoreOption } from 'echarts/core';
import { useEffect, useRef, useState } from 'react';
import { useTheme } from '../design/theme';
import { Waiting } from '../design/Messages';
import { Downloads } from './Downloads';
import { drawableOption } from './drawable';
import { chartInk } from './palette';
import { savePng, saveSvg } from './save-picture';

export interface EChartProps {
  /** A text alternative that describes the chart. */
  label: string;
  height: number;
  /** Called again when the theme changes. Must be referentially stable otherwise. */
  option: () => EChartsCoreOption;
  /** Called with the data of a clicked point. */
  onPick?: ((data: unknown) => void) | undefined;
  /** Called once the chart exists, to add event handlers. */
  onReady?: ((chart: ECharts) => void) | undefined;
}

/** An ECharts chart; the library is loaded with the first one shown. */
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
    // onReady may change with every render; it is called once per chart.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [chart]);
  useEffect(() => {
    chart?.setOption({ animation: false, ...drawableOption(option()) }, { notMerge: true });
  }, [chart, option, theme]);
  useEffect(() => {
    if (!chart || !onPick) return;
    const pick = ({ data }: ECElementEvent): void => onPick(data);
    chart.on('click', pick);
    return () => void chart.off('click', pick);
  }, [chart, onPick]);
  const saveAsSvg = async (shown: ECharts): Promise<void> => {
    const { renderSvg } = await import('./echarts');
    saveSvg(renderSvg(option(), { width: shown.getWidth(), height: shown.getHeight() }), label);
  };
  return (
    <div className="chart-frame">
      <figure className="chart" role="img" aria-label={label} style={{ height }}>
        {chart === null && <Waiting what="Drawing" />}
        <div ref={place} style={{ height, width: '100%' }} aria-hidden="true" />
      </figure>
      {chart && (
        <Downloads
          label={label}
          png={() => savePng(chart.getDataURL({ pixelRatio: 2, backgroundColor: chartInk().surface }), label)}
          svg={() => void saveAsSvg(chart)}
        />
      )}
    </div>
  );
}
