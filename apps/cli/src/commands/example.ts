import type { DatasetView, Leaderboard, LeaderboardRow, SweepView, WorkerView, Page } from '@unroll/contracts';
import { randomUUID } from 'node:crypto';
import colors from 'picocolors';
import { call } from '../api/client';
import { boardOf } from './leaderboard';
import { exampleSeconds, exampleSweep } from './example-sweep';
import { boardTable } from '../show/board';
import { follow } from '../show/live';
import { number, parameters, say, seconds } from '../show/text';

/** What the example will do, before it does it. */
export function sayIntroduction(): void {
  const { search, training } = exampleSweep;
  say(colors.bold('Unroll searches for the best recurrent network.'));
  say(
    `This example trains ${search.trials} small networks (${exampleSweep.model.cell.grid.join(', ')}) for ${training.updates} updates each on a real text,`,
  );
  say(
    "the declarations of JavaScript's standard library, and ranks them by the bits they need for a character of text they",
  );
  say(
    `have not seen. Training takes ${exampleSeconds.native} to ${exampleSeconds.wasm} seconds on two cores, by the engine that is there.`,
  );
  say();
}

function sayWinner({ items, baselines }: Leaderboard): void {
  const [best] = items;
  const [baseline] = baselines;
  if (!best) return;
  const winner = `The winner is ${parameters(best.parameters)}: ${number(best.value)} bits per character`;
  say(colors.bold(`${winner}${baseline ? `, ${comparison(best, baseline)}` : ''}.`));
}

function comparison(best: LeaderboardRow, baseline: LeaderboardRow): string {
  const percent = Math.round(Math.abs(1 - best.value / baseline.value) * 100);
  const which = best.value < baseline.value ? `${percent} % fewer than` : `${percent} % more than`;
  return `${which} a ${baseline.name} model needs (${number(baseline.value)})`;
}

/**
 * Runs the example sweep on the stack that answers, and shows its leaderboard.
 * @returns whether every trial completed or was pruned
 */
export async function runExample(url: string, stopped: () => boolean): Promise<boolean> {
  const started = performance.now();
  const { items: workers } = await call<Page<WorkerView>>('/v1/workers');
  const data = await call<DatasetView>(`/v1/datasets/${exampleSweep.dataset.name}`);
  const engines = [...new Set(workers.map(({ engine }) => engine))].join(', ');
  const trainers = workers.reduce((count, worker) => count + worker.trainers.length, 0);
  say(
    `API at ${url}; ${trainers} trainers on the engine ${engines}; ${Math.round((data.bytes ?? 0) / 1000)} kB of text.`,
  );
  const sweep = await call<SweepView>('/v1/sweeps', {
    method: 'POST',
    body: JSON.stringify(exampleSweep),
    headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
  });
  say();
  const ended = await follow(sweep.id, stopped);
  if (stopped()) return false;
  const board = await boardOf(sweep.id, 20);
  say();
  say(boardTable(board));
  say();
  sayWinner(board);
  say(`It took ${seconds((performance.now() - started) / 1000)}.`);
  const { completed, pruned } = ended.trials;
  return ended.state === 'completed' && completed + pruned === ended.total;
}
