// An update of DeepAR (Salinas et al. 2020) on a panel of hourly series: 2 layers of 40 units, batches of 32 windows of 168 hours, 48
// ahead, Student's t; beside GluonTS, in turn, each with its data pipeline, on one core. CPU milliseconds: others may be at work.
// Arguments: rounds (default 5), updates a round (default 60).
import { Buffer } from 'node:buffer';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { counts } from './counts.mjs';
import { median } from './median.mjs';
import { gluonPeer, openPython } from './python-environment.mjs';

const require = createRequire(import.meta.url);
const ours = (path) => require(`../../dist/libs/${path}/src/index.js`);

/** 100 series of 700 hours with days in them, in long form. */
function panel() {
  const rows = ['series,time,value'];
  for (let series = 0; series < 100; series++)
    for (let hour = 0; hour < 700; hour++) {
      const time = new Date(Date.UTC(2024, 0, 1, hour)).toISOString().slice(0, 19);
      const value = (series + 1) * (10 + 3 * Math.sin((2 * Math.PI * hour) / 24) + Math.sin(hour * hour + series));
      rows.push(`s${series},${time},${value.toFixed(3)}`);
    }
  return `${rows.join('\n')}\n`;
}

/** GluonTS in another process, idle while we measure; undefined if it cannot be installed. */
async function openPeer(file) {
  const peer = await openPython(gluonPeer, 'gluonts_deepar.py', { args: [file], stderr: 'ignore' });
  return peer && { ...peer, measure: async (updates) => Number(await peer.ask(updates)) };
}

/** Median CPU milliseconds of an update of ours, from the end of one to that of the next. */
async function measure(engine, data, spec) {
  const laps = [];
  let before;
  await ours('training').train([{ id: '0', spec }], data, {
    engine,
    sampleLength: 0,
    onReport() {},
    onUpdate() {
      const { user, system } = process.cpuUsage();
      const now = (user + system) / 1e3;
      if (before !== undefined) laps.push(now - before);
      before = now;
    },
  });
  // The last one contains the validation.
  return median(laps.slice(Math.floor(laps.length / 10), -1));
}

export default async function forecasting(args) {
  const { rounds, updates } = counts(args, { rounds: 5, updates: 60 });
  const folder = mkdtempSync(join(tmpdir(), 'unroll-bench-'));
  const text = panel();
  const file = join(folder, 'panel.csv');
  writeFileSync(file, text);
  const spec = ours('contracts').trialSpec.parse({
    dataset: { name: 'panel', series: 'series', split: { validation: 48 } },
    task: {
      ...{ kind: 'forecasting', lookback: 168, horizon: 48, season: 24, normalise: 'window' },
      loss: { distribution: 'student-t' },
    },
    model: { cell: 'lstm', hiddenSize: 40, layers: 2 },
    training: { batchSize: 32, updates, reportEvery: updates, diagnostics: false },
  });
  const { data } = ours('datasets').prepare({ kind: 'series', bytes: Buffer.from(text) }, spec);
  const engine = await ours('training').openEngine('native');
  const peer = await openPeer(file);
  await measure(engine, data, spec);
  const [own, theirs] = [[], []];
  for (let round = 0; round < rounds; round++) {
    if (peer) theirs.push(await peer.measure(updates));
    own.push(await measure(engine, data, spec));
  }
  peer?.close();
  rmSync(folder, { recursive: true });
  const [a, b] = [median(theirs), median(own)];
  console.log('| | CPU ms an update |\n| --- | ---: |');
  if (peer) console.log(`| ${peer.name} | ${a.toFixed(1)} |`);
  console.log(`| Unroll, engine ${engine.name} | ${b.toFixed(1)} |`);
  if (peer) console.log(`\nGluonTS takes ${(a / b).toFixed(2)} times as long (median of ${rounds} rounds in turn)`);
}
