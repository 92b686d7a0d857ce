import type { Theme } from '../design/theme';

/** Colours that colour-blind readers tell apart (Okabe and Ito 2008), each dark or light enough for its ground. */
const categories: Readonly<Record<Theme, readonly string[]>> = {
  light: ['#0072b2', '#c44e00', '#00795a', '#a33f80', '#8a6d00', '#1b1b1b', '#3f8fc4', '#7a4b9d', '#9c2f2f', '#5b6b73'],
  dark: ['#56b4e9', '#f58b4c', '#2fc39a', '#e08cc0', '#e6c84f', '#f0f0f0', '#8ec7ff', '#b99be0', '#f08a8a', '#a5b4bd'],
};
/** Dashes for the second five, so that no two differ by colour alone. */
const dashes: readonly (number[] | undefined)[] = [undefined, [7, 4]];

export const category = (theme: Theme, index: number): string =>
  categories[theme][index % categories[theme].length] as string;
export const dash = (index: number): number[] | undefined => dashes[Math.floor(index / 5) % 2];

/**
 * Viridis, whose lightness runs evenly: readable without colour. It begins with what stands out most from the ground, and leaves
 * out the end that melts into it.
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

/** The colour at `share` of the scale, 0 to 1; its beginning stands for the best. */
export function scaleColour(theme: Theme, share: number): string {
  const stops = scale[theme];
  const place = Math.min(1, Math.max(0, share)) * (stops.length - 1);
  const [from, to] = [stops[Math.floor(place)]!, stops[Math.ceil(place)]!].map(channels);
  const mixed = from!.map((channel, index) => Math.round(channel + (to![index]! - channel) * (place % 1)));
  return `rgb(${mixed.join(', ')})`;
}

export interface Ink {
  ink: string;
  axis: string;
  grid: string;
  surface: string;
  quiet: string;
  pruned: string;
  accent: string;
  font: string;
}

/** Colours of axes and texts of a chart, as the stylesheet has them now. */
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
    accent: read('--accent'),
    font: getComputedStyle(document.body).fontFamily,
  };
  probe.remove();
  return ink;
}
