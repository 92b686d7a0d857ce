import { BarChart, HeatmapChart, LineChart, ParallelChart, ScatterChart } from 'echarts/charts';
import {
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  MarkLineComponent,
  ParallelComponent,
  TitleComponent,
  TooltipComponent,
  VisualMapComponent,
} from 'echarts/components';
import { init, use as register, type EChartsCoreOption } from 'echarts/core';
import { CanvasRenderer, SVGRenderer } from 'echarts/renderers';
import { drawableOption } from './drawable';

// Registers only the components in use, which keeps this lazily loaded chunk small.
register([
  BarChart,
  HeatmapChart,
  LineChart,
  ParallelChart,
  ScatterChart,
  GridComponent,
  LegendComponent,
  ParallelComponent,
  TitleComponent,
  TooltipComponent,
  VisualMapComponent,
  MarkAreaComponent,
  MarkLineComponent,
  CanvasRenderer,
  SVGRenderer,
]);

export { init };

/** A chart as SVG. */
export function renderSvg(option: EChartsCoreOption, { width, height }: { width: number; height: number }): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  chart.setOption({ animation: false, ...drawableOption(option), ...withPlainFont(option) });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

/** ECharts 6.1 writes the quotes of a font family into an attribute as they are; single ones leave valid XML. */
function withPlainFont({ textStyle }: EChartsCoreOption): EChartsCoreOption {
  const style = Object(textStyle) as { fontFamily?: string };
  return { textStyle: { ...style, fontFamily: style.fontFamily?.replaceAll('"', "'") } };
}
