// Many trials in one array. Two tables for each available engine: the time of an update of K lanes; and lanes trained together
// against the same trials one by one, with different sizes, one that diverges and one that joins later.
// npm run bench -- lanes [--engine E] [--cell lstm] [--size 32,64,128] [--lanes 1,2,4,8] [--rounds 10] [--updates 20]
// [--only scaling|acceptance]
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { printAcceptance } from './lanes/acceptance.mjs';
import { printScaling } from './lanes/scaling.mjs';

const numbers = (text) => text.split(',').map(Number);

export const options = {
  engine: { type: 'string' },
  cell: { type: 'string', default: 'lstm' },
  size: { type: 'string', default: '32,64,128' },
  lanes: { type: 'string' },
  rounds: { type: 'string', default: '10' },
  updates: { type: 'string', default: '20' },
  only: { type: 'string' },
};

/** Prints both tables of an engine. `ours` loads a module of libs/; `values` are those of `options`. */
export async function printLanes(ours, name, values) {
  const engine = await ours('training/src/backends/open-engine').openEngine(name);
  // A CPU needs only a few lanes.
  const lanes = numbers(values.lanes ?? (engine.synchronous ? '1,2,4,8' : '1,2,4,8,16,32,64,128,256'));
  const common = { cell: values.cell, size: numbers(values.size) };
  const rounds = Number(values.rounds);
  if (values.only !== 'acceptance') await printScaling(ours, engine, { ...common, lanes, rounds });
  if (values.only === 'scaling') return;
  await printAcceptance(ours, engine, { ...common, updates: Number(values.updates), rounds: Math.min(rounds, 5) });
}

export default async function bench(rest) {
  const { values } = parseArgs({ args: rest, options });
  const require = createRequire(import.meta.url);
  const ours = (path) => require(`../../dist/libs/${path}.js`);
  const { describeEngines } = ours('training/src/backends/open-engine');
  const there = (await describeEngines()).engines.filter(({ available }) => available).map(({ name }) => name);
  // The engines cpu and wasm are not meant for training.
  const engines = values.engine ? [values.engine] : there.filter((name) => name !== 'cpu' && name !== 'wasm');
  for (const name of engines) await printLanes(ours, name, values);
}
