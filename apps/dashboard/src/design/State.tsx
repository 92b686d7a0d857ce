import type { TrialCounts } from '@unroll/contracts';
import { count } from '../format/number';

/** The colour of each state of a sweep, trial, attempt or worker. A shape accompanies it, because colour alone is not accessible. */
const tones: Readonly<Record<string, string>> = {
  running: 'running',
  completed: 'completed',
  succeeded: 'completed',
  pruned: 'pruned',
  released: 'pruned',
  diverged: 'diverged',
  lost: 'diverged',
  failed: 'failed',
  paused: 'paused',
  training: 'running',
  delivered: 'completed',
  slow: 'diverged',
  silent: 'failed',
  leaving: 'paused',
};

const shapes: Readonly<Record<string, string>> = {
  running: 'M2 1.5 8.5 5 2 8.500z',
  completed: 'M1.500 5.300 4 7.700 8.500 2.500',
  pruned: 'M2 5h6',
  diverged: 'M1.500 8C5 8 6.500 6 7.500 1.500',
  failed: 'M2 2l6 6M8 2 2 8',
  paused: 'M3.300 2v6M6.700 2v6',
  idle: 'M5 5h.01',
};

export const stateTone = (state: string): string => tones[state] ?? 'idle';

/** The word of a `brief` one is for screen readers only where its table has little room. */
export function State({ state, brief = false }: { state: string; brief?: boolean }) {
  const tone = stateTone(state);
  return (
    <span className={`state tone-${tone}`} title={brief ? state : undefined}>
      <svg viewBox="0 0 10 10" aria-hidden="true">
        <path
          d={shapes[tone]}
          fill={tone === 'running' ? 'currentColor' : 'none'}
          stroke="currentColor"
          strokeWidth={tone === 'idle' ? 4 : 1.8}
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      </svg>
      <span className={brief ? 'brief' : undefined}>{state}</span>
    </span>
  );
}

const order = ['completed', 'pruned', 'diverged', 'failed', 'cancelled', 'running'] as const;

/** Trial counts by state as text: `12 completed, 3 running`. */
export function countsText(trials: TrialCounts): string {
  const shown = [...order, 'pending' as const].filter((state) => trials[state] > 0);
  return shown.map((state) => `${count(trials[state])} ${state}`).join(', ') || 'no trials yet';
}

/** A progress bar of a sweep's trials, with one segment per state. */
export function Progress({ trials, total }: { trials: TrialCounts; total: number }) {
  const shown = order.filter((state) => trials[state] > 0);
  const left = Math.max(0, total - shown.reduce((sum, state) => sum + trials[state], 0));
  return (
    <div className="progress" role="img" aria-label={`${countsText(trials)}, of ${count(total)}`}>
      {shown.map((state) => (
        <span key={state} className={`tone-${stateTone(state)}`} style={{ flexGrow: trials[state] }} />
      ))}
      {left > 0 && <span style={{ flexGrow: left, background: 'transparent' }} />}
    </div>
  );
}
