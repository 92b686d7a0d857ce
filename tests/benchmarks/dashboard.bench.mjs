// What a reader waits for: the page of a sweep of 1,000 trials, its 500 curves, and what the browser downloads. Trains the sweep first.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { counts } from './counts.mjs';
import { median } from './median.mjs';

const program = new URL('../../apps/cli/bin/unroll.mjs', import.meta.url).pathname;
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];

/** 200 reports each: as many points as the page requests. */
const sweepOf = (trials) => ({
  name: `adding-problem-${trials}`,
  dataset: { name: 'adding-problem', steps: 8, sequences: 60, split: { validation: 0.1 } },
  task: 'regression',
  model: { cell: { grid: ['rnn', 'gru'] }, hiddenSize: { choice: [4, 8] } },
  training: { batchSize: 8, updates: 200, reportEvery: 1, learningRate: { logUniform: [1e-3, 1e-1] } },
  search: { trials, seed: 4 },
});

/** Starts `unroll start` in a new folder; resolves with the address that signs a browser in. */
function start(folder) {
  const child = spawn(process.execPath, [program, 'start', '--port', '0', '--data', folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  return new Promise((resolve, reject) => {
    child.on('exit', () => reject(new Error('unroll start ended')));
    child.stdout.on('data', (data) => {
      said += data;
      const [, address] = /Dashboard: (\S+)\n/.exec(said) ?? [];
      if (address) resolve({ address, stop: () => new Promise((done) => child.on('exit', done).kill('SIGINT')) });
    });
  });
}

async function train(origin, key, trials) {
  const ask = async (path, options) =>
    (
      await fetch(origin + path, {
        ...options,
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      })
    ).json();
  const { id } = await ask('/v1/sweeps', { method: 'POST', body: JSON.stringify(sweepOf(trials)) });
  for (;;) {
    const { state } = await ask(`/v1/sweeps/${id}`);
    if (state !== 'running') return id;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

/** One cold load: nothing cached but the key. Times are milliseconds from the start of the navigation. */
async function load(browser, address, path, ready) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  await page.goto(address);
  await page.locator('h1').waitFor();
  await context.clearCookies();
  const cdp = await context.newCDPSession(page);
  await cdp.send('Network.clearBrowserCache');
  await page.goto(new URL(path, address).href, { waitUntil: 'commit' });
  const at = await ready(page);
  const fetched = await page.evaluate(() =>
    performance
      .getEntriesByType('resource')
      .filter(({ name }) => /\/assets\/|\.js$|\.css$/.test(new URL(name).pathname))
      .map(({ name, encodedBodySize }) => ({ name: new URL(name).pathname, size: encodedBodySize })),
  );
  await context.close();
  return { at, fetched };
}

/** When the page answers: its rows are there, and the thread that answers a click is free. */
async function interactive(page) {
  await page.locator('table.data tbody tr').nth(49).waitFor();
  return page.evaluate(() => new Promise((resolve) => requestIdleCallback(() => resolve(performance.now()))));
}

/** The page's own measurement: from receiving the points to the frame that shows them. */
async function curves(page) {
  for (;;) {
    const [took] = await page.evaluate(() => performance.getEntriesByName('curves').map(({ duration }) => duration));
    if (took !== undefined) return took;
  }
}

export default async function dashboard(args) {
  const { trials, rounds } = counts(args, { trials: 1000, rounds: 5 });
  const folder = mkdtempSync(join(tmpdir(), 'unroll-bench-'));
  const { address, stop } = await start(folder);
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: flags,
  });
  try {
    const key = readFileSync(join(folder, 'key'), 'utf8').trim();
    console.log(
      `${trials} trials of 200 reports are trained first; then ${rounds} cold loads each, medians; ${browser.version()}`,
    );
    const id = await train(new URL(address).origin, key, trials);
    const times = { page: [], curves: [] };
    let first;
    for (let round = 0; round < rounds; round += 1) {
      const page = await load(browser, address, `/sweeps/${id}`, interactive);
      first ??= page.fetched;
      times.page.push(page.at);
      times.curves.push((await load(browser, address, `/sweeps/${id}?tab=curves`, curves)).at);
    }
    const kB = (kind) => first.filter(({ name }) => kind.test(name)).reduce((sum, { size }) => sum + size, 0) / 1000;
    console.log('');
    console.log('| what | measured | goal |');
    console.log('| --- | --- | --- |');
    console.log(
      `| sweep page, ${trials} trials, from nothing to interactive | ${median(times.page).toFixed(0)} ms | 1000 ms |`,
    );
    console.log(
      `| ${Math.min(500, trials)} curves of 200 points drawn | ${median(times.curves).toFixed(0)} ms | 300 ms |`,
    );
    console.log(`| scripts and styles of that first load, compressed | ${kB(/\.(js|css)$/).toFixed(0)} kB | 350 kB |`);
    console.log(`| fonts beside them | ${kB(/\.woff2$/).toFixed(0)} kB | |`);
  } finally {
    await browser.close();
    await stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
