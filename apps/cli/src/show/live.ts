import {
  endedTrials,
  type Leaderboard,
  type MetricSeries,
  type Page,
  type SweepView,
  type TrialView,
} from '@unroll/contracts';
import colors from 'picocolors';
import { setTimeout as sleep } from 'node:timers/promises';
import { call, type Query } from '../api/client';
import { Events } from '../api/events';
import { colouredState, forTerminal, isQuiet, isTerminal, number, parameters, say, writing } from './text';

/** Maximum number of trials shown in a terminal. */
const shownTrials = 12;
const terminalInterval = 500;
const pipeInterval = 2000;
/** Milliseconds after which to poll even without an event. */
const longestSilence = 15_000;

/** Whether a sweep may still change; a paused one can be resumed while being watched. */
export const isRunning = ({ state }: SweepView): boolean => state === 'running' || state === 'paused';

interface Snapshot {
  sweep: SweepView;
  trials: TrialView[];
  curves: Map<string, number[]>;
}

/** Trials among which are those to show: the first ones of a sweep, and where there are more, those that run and the best as well. */
async function candidates(id: string): Promise<TrialView[]> {
  const trials = (query: Query): Promise<Page<TrialView>> => call(`/v1/sweeps/${id}/trials`, { query });
  const { items, nextCursor } = await trials({ limit: 200 });
  if (nextCursor === null) return items;
  const [running, board] = await Promise.all([
    trials({ state: 'running', limit: shownTrials }),
    call<Leaderboard>(`/v1/sweeps/${id}/leaderboard`, { query: { limit: shownTrials } }),
  ]);
  const known = new Map([...items, ...running.items].map((trial) => [trial.id, trial]));
  const missing = board.items.flatMap(({ trialId }) => (trialId === null || known.has(trialId) ? [] : [trialId]));
  const best = await Promise.all(missing.map((trial) => call<TrialView>(`/v1/trials/${trial}`)));
  return [...known.values(), ...best];
}

/** The sweep and the trials to show: running ones first, then the best ended ones. */
async function snapshot(id: string, known: Map<string, number[]>): Promise<Snapshot> {
  const sweep = await call<SweepView>(`/v1/sweeps/${id}`);
  const items = await candidates(id);
  const order = (trial: TrialView): number => ['running', 'completed'].indexOf(trial.state) >>> 0;
  const sign = sweep.objective.goal === 'maximize' ? -1 : 1;
  const value = (trial: TrialView): number => (trial.value === null ? Infinity : Number(trial.value) * sign);
  const trials =
    items.length <= shownTrials
      ? items
      : items.sort((a, b) => order(a) - order(b) || value(a) - value(b) || 0).slice(0, shownTrials);
  const curves = new Map(known);
  await Promise.all(
    trials
      .filter(
        ({ id: trial, state, value: reported }) =>
          reported !== null && (state === 'running' || !known.has(`${trial} ended`)),
      )
      .map(async ({ id: trial, state }) => {
        const { series } = await call<{ series: MetricSeries[] }>(`/v1/trials/${trial}/metrics`, {
          query: { name: sweep.objective.metric, maxPoints: 24 },
        });
        const values = series[0]?.values.filter((each): each is number => each !== null) ?? [];
        curves.set(trial, values);
        if (state !== 'running') curves.set(`${trial} ended`, []);
      }),
  );
  return { sweep, trials, curves };
}

type Sparkly = (values: number[], options?: { minimum?: number; maximum?: number }) => string;

function frame({ sweep, trials, curves }: Snapshot, sparkly: Sparkly): string[] {
  const all = trials.flatMap(({ id }) => curves.get(id) ?? []);
  const scale = { minimum: Math.min(...all), maximum: Math.max(...all) };
  const labels = trials.map((trial) => parameters(trial.parameters) || `trial ${trial.id}`);
  const width = Math.max(...labels.map((label) => label.length), 8);
  const lines = trials.map((trial, index) => {
    const points = curves.get(trial.id) ?? [];
    const spark = points.length > 1 ? sparkly(points, scale) : '';
    const total = (trial.spec as { training?: { updates?: number } }).training?.updates ?? 0;
    const done = `${trial.updates}/${total}`;
    const value = number(trial.value).padStart(7);
    const state = colouredState(trial.state);
    return `  ${labels[index]!.padEnd(width)}  ${colors.cyan(spark.padEnd(24))} ${value}  ${done.padStart(11)}  ${state}`;
  });
  return [...lines, ...bestWriting(sweep, trials)];
}

function bestWriting({ best }: SweepView, trials: readonly TrialView[]): string[] {
  const writer = trials.find(({ id }) => id === best?.trialId);
  if (!writer?.sample) return [];
  return ['', `  best so far writes: ${colors.yellow(writing(writer.sample, 76))}`];
}

function counts({ state, trials, total }: SweepView): string {
  const bad = [
    ...(trials.failed ? [`${trials.failed} failed`] : []),
    ...(trials.diverged ? [`${trials.diverged} diverged`] : []),
  ];
  const paused = state === 'paused' ? ['paused'] : [];
  return [...paused, `${endedTrials(trials)} of ${total} trials done`, `${trials.running} running`, ...bad].join(', ');
}

interface Following {
  /** Whether to end before the sweep does. */
  isStopped?: () => boolean;
  /** Whether to print nothing. Default: with `--quiet`. */
  silent?: boolean | undefined;
}

/** Follows a sweep until it ends: redraws a table in a terminal, prints plain lines in a pipe. */
export async function follow(
  id: string,
  { isStopped = () => false, silent = isQuiet() }: Following = {},
): Promise<SweepView> {
  const events = new Events(id);
  try {
    return await (silent ? waitFor(events, id, isStopped) : followBy(events, id, isStopped));
  } finally {
    events.close();
  }
}

/** Resolves when something has changed or `isStopped`, but not before the next redraw is due. */
async function change(events: Events, isStopped: () => boolean): Promise<void> {
  const began = performance.now();
  do await sleep(isTerminal() ? terminalInterval : pipeInterval);
  while (!events.take() && !isStopped() && performance.now() - began < longestSilence);
}

/** Waits for the end of a sweep. */
async function waitFor(events: Events, id: string, isStopped: () => boolean): Promise<SweepView> {
  for (;;) {
    const sweep = await call<SweepView>(`/v1/sweeps/${id}`);
    if (!isRunning(sweep) || isStopped()) return sweep;
    await change(events, isStopped);
  }
}

async function followBy(events: Events, id: string, isStopped: () => boolean): Promise<SweepView> {
  const [{ default: sparkly }, { default: logUpdate }] = await Promise.all([import('sparkly'), import('log-update')]);
  let curves = new Map<string, number[]>();
  let lastLine = '';
  for (;;) {
    const now = await snapshot(id, curves);
    curves = now.curves;
    const over = !isRunning(now.sweep) || isStopped();
    if (isTerminal()) {
      logUpdate(forTerminal([...frame(now, sparkly), '', `  ${counts(now.sweep)}`].join('\n')));
      if (over) logUpdate.done();
    } else if (over) for (const line of frame(now, sparkly)) say(line);
    else lastLine = sayProgress(now, lastLine);
    if (over) return now.sweep;
    await change(events, isStopped);
  }
}

function sayProgress({ sweep, trials }: Snapshot, lastLine: string): string {
  const best = sweep.best ? `, best ${sweep.objective.metric} ${number(sweep.best.value)}` : '';
  const writer = trials.find(({ id }) => id === sweep.best?.trialId);
  const line = `${counts(sweep)}${best}${writer?.sample ? ` | writes: ${writing(writer.sample, 60)}` : ''}`;
  if (line !== lastLine) say(line);
  return line;
}
