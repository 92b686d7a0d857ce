import 'uplot/dist/uPlot.min.css';
import type { EChartsCoreOption } from 'echarts/core';
import { useEffect, useMemo, useRef, useState, type KeyboardEvent, type RefObject } from 'react';
import uPlot from 'uplot';
import { useTheme } from '../design/theme';
import { number } from '../format/number';
import { clippedRange } from './clip';
import { pointAfter, type CurvePoint } from './curve-keys';
import { curvesOptions } from './curves-options';
import { curvesSvgOption } from './curves-svg';
import { Downloads } from './Downloads';
import { highlight } from './highlight';
import { chartInk } from './palette';
import { savePng, saveSvg } from './save-picture';
import type { ShownCurve } from './shown-curve';
import { smooth } from './smoothing';

export type { ShownCurve };

export interface CurvesProps {
  label: string;
  curves: readonly ShownCurve[];
  height: number;
  smoothing?: number;
  logarithmic?: boolean;
  onPick?: (key: string) => void;
}

/** Curves over updates, up to some hundreds; the one under the pointer, or that the arrow keys lead to, is highlighted and labelled. */
export default function Curves({ label, curves, height, smoothing = 0, logarithmic = false, onPick }: CurvesProps) {
  const place = useRef<HTMLDivElement>(null);
  const data = useMemo(() => aligned(curves, smoothing, logarithmic), [curves, smoothing, logarithmic]);
  const range = useMemo(() => (logarithmic ? null : clippedRange(data.slice(1).flatMap(present))), [data, logarithmic]);
  const { plotted, tip, press, point } = usePlot(place, { curves, data, height, logarithmic, onPick, range });
  const curve = tip ? curves[tip.index] : undefined;
  const shown = tip && curve && { label: curve.label, update: data[0][tip.at], value: data[tip.index + 1]?.[tip.at] };
  const svg = (): Promise<void> =>
    saveAsSvg(
      curvesSvgOption({ curves, data, logarithmic, range }),
      { width: place.current!.clientWidth, height },
      label,
    );
  return (
    <div className="chart-frame">
      <figure
        className="curves"
        role="img"
        aria-label={`${label}. Arrow keys lead from curve to curve and along them.`}
        style={{ minHeight: height }}
        tabIndex={0}
        onKeyDown={press}
        onPointerMove={point}
      >
        <div ref={place} aria-hidden="true" />
        {shown && <Tip {...tip} {...shown} />}
      </figure>
      <p className="hidden" aria-live="polite">
        {shown && `${shown.label}, update ${number(shown.update)}: ${number(shown.value)}`}
      </p>
      {range && <p className="small muted">{range.text} A logarithmic scale shows all.</p>}
      <Downloads
        label={label}
        png={() => plotted.current && savePng(pngOf(plotted.current), label)}
        svg={() => void svg()}
      />
    </div>
  );
}

interface PlotProps extends Pick<CurvesProps, 'curves' | 'height' | 'onPick'> {
  data: uPlot.AlignedData;
  logarithmic: boolean;
  range: ReturnType<typeof clippedRange>;
}

/** The plot within `place`, the point that is labelled, and what a key and a move of the pointer do to it. */
function usePlot(
  place: RefObject<HTMLDivElement | null>,
  { curves, data, height, logarithmic, onPick, range }: PlotProps,
) {
  const theme = useTheme();
  const [tip, setTip] = useState<ReturnType<typeof tipAt>>(null);
  const picked = useRef<string | null>(null);
  const plotted = useRef<uPlot | null>(null);
  const keyed = useRef<CurvePoint | null>(null);

  useEffect(() => {
    const host = place.current;
    if (!host) return;
    const began = performance.now();
    const options = curvesOptions({ curves, logarithmic, range, width: host.clientWidth, height });
    options.hooks = {
      ready: [({ over }) => over.addEventListener('click', () => picked.current !== null && onPick?.(picked.current))],
      setCursor: [
        (plot) => {
          const index = highlight(plot, curves, keyed.current?.curve ?? null);
          picked.current = index === null ? null : curves[index]!.key;
          setTip(tipAt(plot, index));
        },
      ],
    };
    const plot = new uPlot(options, data, host);
    plotted.current = plot;
    keyed.current = null;
    // Painted in the next frame; "npm run bench -- dashboard" reads this measure.
    requestAnimationFrame(() => performance.measure('curves', { start: began }));
    const stopResizing = onResize(host, () => plot.setSize({ width: host.clientWidth, height }));
    return () => {
      stopResizing();
      plot.destroy();
      setTip(null);
    };
  }, [curves, data, height, logarithmic, onPick, place, range, theme]);

  const press = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && picked.current !== null) return onPick?.(picked.current);
    const plot = plotted.current;
    const next = plot && pointAfter(event.key, plot.data.slice(1), keyed.current);
    if (!next) return;
    event.preventDefault();
    keyed.current = next;
    moveTo(plot, next);
  };
  const point = (): void => void (keyed.current = null);
  return { plotted, tip, press, point };
}

/** Moves the cursor of a plot to a point of a curve. */
function moveTo(plot: uPlot, { curve, at }: CurvePoint): void {
  const [update, value] = [plot.data[0][at]!, plot.data[curve + 1]![at]!];
  plot.setCursor({ left: plot.valToPos(update, 'x'), top: plot.valToPos(value, 'y') });
}

/** Calls back when an element has another size. Returns what ends that. */
function onResize(element: HTMLElement, resized: () => void): () => void {
  const observer = new ResizeObserver(resized);
  observer.observe(element);
  return () => observer.disconnect();
}

/** Where the tip of the curve with this index is, and of which update. */
function tipAt({ cursor: { idx: at, left = 0, top = 0 } }: uPlot, index: number | null) {
  return index === null || at === null || at === undefined ? null : { left, top, index, at };
}

async function saveAsSvg(option: EChartsCoreOption, size: { width: number; height: number }, label: string) {
  const { renderSvg } = await import('./echarts');
  saveSvg(renderSvg(option, size), label);
}

interface TipProps {
  left: number;
  top: number;
  label: string;
  update: number | undefined;
  value: number | null | undefined;
}

const Tip = ({ left, top, label, update, value }: TipProps) => (
  <div className="tip" style={{ left: `min(${left + 70}px, calc(100% - 15rem))`, top: top + 16 }}>
    <strong>{label}</strong>
    <br />
    <span className="number">
      update {number(update)}: {number(value)}
    </span>
  </div>
);

/** The values that a curve has. */
const present = (values: ArrayLike<number | null | undefined>): number[] =>
  Array.from(values).filter((value): value is number => typeof value === 'number');

/** The plot on its background. */
function pngOf({ ctx }: uPlot): string {
  const { width, height } = ctx.canvas;
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const context = canvas.getContext('2d')!;
  context.fillStyle = chartInk().surface;
  context.fillRect(0, 0, width, height);
  context.drawImage(ctx.canvas, 0, 0);
  return canvas.toDataURL('image/png');
}

/** Aligns all curves on the union of their updates. A missing value leaves the line connected; a non-finite one is a gap. */
function aligned(curves: readonly ShownCurve[], smoothing: number, logarithmic: boolean): uPlot.AlignedData {
  if (curves.length === 0) return [[]];
  const shown = (value: number | null): number | null => (logarithmic && value !== null && value <= 0 ? null : value);
  return uPlot.join(
    curves.map(({ updates, values }): uPlot.AlignedData => [[...updates], smooth(values, smoothing).map(shown)]),
  );
}
