import type { ShownForecast } from '@unroll/contracts';
import { CommandFailed } from '../errors/command-failed';
import { note } from '../show/text';
import { writeOutput } from './models';

/** Charts in one picture where no series are named. */
const mostCharts = 8;

/** @throws CommandFailed for a picture that cannot be drawn: before anything is computed */
export function requireChart(path: string | undefined, series: readonly string[] | undefined): void {
  if (path === undefined && series !== undefined)
    throw new CommandFailed('--series: names what --chart draws; give --chart too', 2);
  if (path !== undefined && !/\.svg$/i.test(path))
    throw new CommandFailed(`--chart ${path}: is drawn as SVG; name a file that ends in .svg`, 2);
}

/**
 * Draws forecasts into a file, of the series named by `keys` or else of some.
 * @throws CommandFailed for an unknown key
 */
export async function writeForecastChart(
  path: string,
  forecasts: readonly ShownForecast[],
  keys: readonly string[] = [],
) {
  const unknown = keys.find((key) => forecasts.every(({ series }) => series !== key));
  if (unknown !== undefined) {
    const names = [...new Set(forecasts.map(({ series }) => series))];
    throw new CommandFailed(
      `--series ${unknown}: there is no such series; there are ${names.slice(0, 10).join(', ')}`,
      2,
    );
  }
  const wanted = keys.length > 0 ? forecasts.filter(({ series }) => keys.includes(series)) : forecasts;
  const step = Math.max(1, wanted.length / mostCharts);
  const shown = Array.from({ length: Math.min(mostCharts, wanted.length) }, (_, at) => wanted[Math.floor(at * step)]!);
  // Loaded only where something is drawn.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { forecastSvg } = require('../show/forecast-chart') as typeof import('../show/forecast-chart');
  await writeOutput(path, Buffer.from(forecastSvg(shown)));
  note(`Drew ${shown.length} of ${forecasts.length} forecasts into ${path}.`);
}
