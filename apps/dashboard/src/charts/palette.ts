import type { Theme } from '../design/theme';

/** Colour-blind-safe categories (Okabe and Ito 2008), with enough contrast on each theme's background. */
const categories: Readonly<Record<Theme, readonly string[]>> = {
  light: ['#0072b2', '#c44e00', '#00795a', '#a33f80', '#8a6d00', '#1b1b1b', '#3f8fc4', '#7a4b9d', '#9c2f2f', '#5b6b73'],
  dark: ['#56b4e9', '#f58b4c', '#2fc39a', '#e08cc0', '#e6c84f', '#f0f0f0', '#8ec7ff', '#b99be0', '#f08a8a', '#a5b4bd'],
};
/** The second five are dashed, which makes neighbours distinguishable without colour. */
const dashes: readonly (number[] | undefined)[] = [undefined, [7, 4]];

export const category = (theme: Theme, index: number): string =>
  categories[theme][index % categories[theme].length] as string;
export const dash = (index: number): number[] | undefined => dashes[Math.floor(index / 5) % 2];

/**
 * Viridis, whose lightness is perceptually uniform and so readable without colour. Each theme starts at the end with the most
 * contrast and omits the end that blends into the background.
 */
const viridis = [
  '#440154',
  '#482878',
  '#3e4989',
  '#31688e',
  '#26828e',
  '#1f9e89',
  '#35b779',
  '#6ece58',
  '#b5de2b',
  '#fde725',
];
const scale: Readonly<Record<Theme, readonly string[]>> = {
  light: viridis.slice(0, 8),
  dark: viridis.slice(2).toReversed(),
};

const channels = (hex: string): number[] => [1, 3, 5].map((start) => parseInt(hex.slice(start, start + 2), 16));

/** The colour at `share` (0 to 1) of the scale; 0 is the best. */
export function scaleColour(theme: Theme, share: number): string {
  const stops = scale[theme];
  const place = Math.min(1, Math.max(0, share)) * (stops.length - 1);
  const [from, to] = [stops[Math.floor(place)]!, stops[Math.ceil(place)]!].map(channels);
  const mixed = from!.map((channel, index) => Math.round(channel + (to![index]! - channel) * (place % 1)));
  return `rgb(${mixed.join(', ')})`;
}

/** Ends of a diverging scale that text is read on: red below 0, blue above. */
const ends: Readonly<Record<Theme, readonly [below: string, above: string]>> = {
  light: ['#e8826b', '#6ba6dc'],
  dark: ['#8a3322', '#1f558f'],
};

/** The background of a value from −1 to 1: none at 0. */
export function diverging(theme: Theme, value: number): string {
  const [below, above] = ends[theme];
  const [red, green, blue] = channels(value < 0 ? below : above);
  return `rgb(${red} ${green} ${blue} / ${Math.round(Math.min(1, Math.abs(value)) * 100)}%)`;
}

export interface Ink {
  ink: string;
  axis: string;
  grid: string;
  surface: string;
  quiet: string;
  pruned: string;
  /** Of diverged trials. */
  diverged: string;
  accent: string;
  font: string;
}

/** The chart colours of the current stylesheet. */
export function chartInk(): Ink {
  const probe = document.createElement('span');
  document.body.append(probe);
  const read = (name: string): string => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const ink = {
    ink: read('--ink'),
    axis: read('--chart-axis'),
    grid: read('--chart-grid'),
    surface: read('--surface'),
    quiet: read('--chart-quiet'),
    pruned: read('--pruned'),
    diverged: read('--failed'),
    accent: read('--accent'),
    font: getComputedStyle(document.body).fontFamily,
  };
  probe.remove();
  return ink;
}
