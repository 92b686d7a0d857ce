import { SingleBar } from 'cli-progress';
import { isQuiet, note } from './text';

/** How far something is. */
export interface Step {
  done: number;
  of: number;
  /** Beside the bar; undefined for what stands there already. */
  text?: string | undefined;
  /** In place of the bar; undefined for a step that is not worth a line. */
  line?: string | undefined;
}

/** A progress bar in a terminal; lines on standard error otherwise, and always with `asLines`. `unit`: what is counted. */
export function openProgress(unit: string, asLines: boolean): { show(step: Step): void; end(): void } {
  if (asLines || !process.stderr.isTTY || isQuiet())
    return { show: ({ line }) => line !== undefined && note(line), end: () => undefined };
  const bar = new SingleBar({
    format: `{bar} {percentage}% | {value}/{total} ${unit} | {eta_formatted} left | {text}`,
    etaBuffer: 200,
    stopOnComplete: true,
    hideCursor: true,
    stream: process.stderr,
  });
  let started = false;
  let shown = '';
  return {
    show({ done, of, text }) {
      shown = text ?? shown;
      if (!started) bar.start(of, done, { text: shown });
      started = true;
      bar.update(done, { text: shown });
    },
    end: () => bar.stop(),
  };
}
