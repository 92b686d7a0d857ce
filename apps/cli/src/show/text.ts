import { once } from 'node:events';
import type { Measure } from '@unroll/contracts';
import colors from 'picocolors';

/** Whether standard output is a terminal. */
export const isTerminal = (): boolean => process.stdout.isTTY === true;

/**
 * Text that a terminal shows as text: names and messages may contain control characters, with which they could move the cursor, retitle the
 * window or write to the clipboard. Colours, tabs and ends of lines remain.
 */
export const forTerminal = (text: string): string =>
  // eslint-disable-next-line no-control-regex -- the sequences of our own colours
  text.replaceAll(/\x1b\[(?:[012]|22|39|3[1-6])m|[^\P{Cc}\n\t]/gu, (found) => (found.length > 1 ? found : '·'));

/** Prints a line to standard output. */
export function say(line = ''): void {
  process.stdout.write(`${forTerminal(line)}\n`);
}

/** Prints data to standard output. Only a terminal gets them without their control characters. */
export function sayData(data: string): void {
  process.stdout.write(`${isTerminal() ? forTerminal(data) : data}\n`);
}

/** Prints a text to standard output as it arrives, no faster than it is read there. */
export async function sayStream(body: ReadableStream<Uint8Array>): Promise<void> {
  const decoder = new TextDecoder();
  for await (const bytes of body) {
    const text = decoder.decode(bytes, { stream: true });
    if (!process.stdout.write(isTerminal() ? forTerminal(text) : text)) await once(process.stdout, 'drain');
  }
}

/** Prints data as indented JSON. */
export const sayJson = (value: unknown): void => sayData(JSON.stringify(value, null, 2));

let quiet = false;

/** Whether notes and progress are left out: `--quiet`. */
export const isQuiet = (): boolean => quiet;

/** Leaves out notes and progress from now on: only data and errors are printed. */
export function beQuiet(): void {
  quiet = true;
}

/** Prints a line to standard error, which keeps standard output free for data. */
export function note(line: string): void {
  if (!quiet) complain(line);
}

/** Prints the line of an error to standard error. */
export function complain(line: string): void {
  process.stderr.write(`${forTerminal(line)}\n`);
}

/** A number with at least 4 significant digits, and an exponent only for very small or large values. */
export function number(measured: Measure | null | undefined): string {
  if (measured === null || measured === undefined) return '-';
  const value = Number(measured);
  if (value === Infinity || value === -Infinity) return value > 0 ? '∞' : '-∞';
  if (Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  if (size >= 1000 && size < 1e9) return String(Math.round(value));
  return size >= 1e-3 && size < 1e9 ? String(Number(value.toPrecision(4))) : value.toExponential(3);
}

export function seconds(value: number | null | undefined): string {
  if (value === null || value === undefined) return '-';
  if (value < 59.95) return `${value.toFixed(1)} s`;
  const whole = Math.round(value);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** How long a trial took, and how much of that its validation, as far as it is known. Both in seconds. */
export function trainingTime(all: number | null | undefined, validation: number | null | undefined): string {
  if (!all || validation === null || validation === undefined) return seconds(all);
  return `${seconds(all)}, ${Math.round((100 * validation) / all)} % of it validation`;
}

/** Parameters on one line, named by the last part of their paths: `cell gru, learningRate 0.003`. */
export function parameters(values: Record<string, unknown>): string {
  const shown = (value: unknown): string =>
    typeof value === 'number' ? number(value) : typeof value === 'string' ? value : JSON.stringify(value);
  return Object.entries(values)
    .map(([path, value]) => `${path.split('.').at(-1)} ${shown(value)}`)
    .join(', ');
}

/** Generated text on one line, safe to print in a terminal. */
export function writing(sample: string, width: number): string {
  const shown = Array.from(sample.replaceAll(/\s+/g, ' ').replaceAll(/\p{C}/gu, '·'));
  return shown.length > width ? `${shown.slice(0, width - 1).join('')}…` : shown.join('');
}

/** A line without control characters. */
export const printable = (line: string): string => line.replaceAll(/\p{C}/gu, ' ');

export function colouredState(state: string): string {
  if (state === 'completed') return colors.green(state);
  if (state === 'failed' || state === 'diverged') return colors.red(state);
  if (state === 'running') return colors.cyan(state);
  return colors.dim(state);
}
