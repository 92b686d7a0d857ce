import type { DatasetView, Leaderboard, LeaderboardRow, SweepView, WorkerView, Page } from '@unroll/contracts';
import { randomUUID } from 'node:crypto';
import colors from 'picocolors';
import { call } from '../api/client';
import { fetchBoard } from './leaderboard';
import { exampleSeconds, exampleSweep } from './example-sweep';
import { boardTable } from '../show/board';
import { follow } from '../show/live';
import { number, parameters, say, seconds } from '../show/text';

/** Announces what the example will do. */
export function sayIntroduction(): void {
  const { model, search, training } = exampleSweep;
  say(colors.bold('Unroll searches for the best recurrent network.'));
  const cells = model.cell.grid.join(', ');
  say(`This example trains ${search.trials} small networks (${cells}) for ${training.updates} updates each on the`);
  say(
    "declarations of JavaScript's standard library, and ranks them by the bits per character they need on unseen text.",
  );
  say(
    `Training takes ${exampleSeconds.native} to ${exampleSeconds.wasm} seconds on two cores, depending on the engine.`,
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
  const [value, limit] = [Number(best.value), Number(baseline.value)];
  const percent = Math.round(Math.abs(1 - value / limit) * 100);
  const which = value < limit ? `${percent} % fewer than` : `${percent} % more than`;
  return `${which} a ${baseline.name} model needs (${number(baseline.value)})`;
}

/**
 * Runs the example sweep on the running stack and prints its leaderboard.
 * @returns whether every trial completed or was pruned
 */
export async function runExample(url: string, stopped: () => boolean): Promise<boolean> {
  const started = performance.now();
  const { items: workers } = await call<Page<WorkerView>>('/v1/workers');
  const data = await call<DatasetView>(`/v1/datasets/${exampleSweep.dataset.name}`);
  const engines = [...new Set(workers.map(({ engine }) => engine))].join(', ');
  const trainers = workers.reduce((count, worker) => count + worker.trainers.length, 0);
  say(
    `API at ${url}; ${trainers} trainers with engine ${engines}; ${Math.round((data.bytes ?? 0) / 1000)} kB of text.`,
  );
  const sweep = await call<SweepView>('/v1/sweeps', {
    method: 'POST',
    body: JSON.stringify(exampleSweep),
    headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
  });
  say();
  const ended = await follow(sweep.id, { isStopped: stopped });
  if (stopped()) return false;
  const board = await fetchBoard(sweep.id, 20);
  say();
  say(boardTable(board));
  say();
  sayWinner(board);
  say(`It took ${seconds((performance.now() - started) / 1000)}.`);
  const { completed, pruned } = ended.trials;
  return ended.state === 'completed' && completed + pruned === ended.total;
}
