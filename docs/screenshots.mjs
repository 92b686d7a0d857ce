// npm run screenshots: trains two sweeps on a stack of its own, and writes docs/dashboard-*.png and their captions into docs/dashboard.md.
// With names as arguments, as in npm run screenshots -- views sign-in, it takes only those.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const here = (path) => new URL(path, import.meta.url).pathname;
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];

const characters = {
  name: 'characters',
  dataset: { name: 'typescript-declarations', split: { validation: 0.03 } },
  task: 'language-model',
  model: {
    cell: { grid: ['rnn', 'lstm', 'gru'] },
    hiddenSize: { choice: [24, 32, 48] },
    embeddingSize: { int: [8, 32] },
  },
  training: {
    bptt: 32,
    batchSize: 8,
    updates: 600,
    reportEvery: 25,
    learningRate: { logUniform: [1e-3, 1e-1] },
    clipNorm: 1,
  },
  search: { algorithm: 'random', trials: 24, repeats: 2, seed: 1 },
  stopping: { rule: 'asha', minUpdates: 75, reductionFactor: 3 },
};

const thousand = {
  name: 'adding-problem',
  dataset: { name: 'adding-problem', steps: 16, sequences: 120, split: { validation: 0.1 } },
  task: 'regression',
  model: { cell: { grid: ['rnn', 'lstm', 'gru', 'min-gru'] }, hiddenSize: { choice: [4, 8, 12] } },
  training: {
    batchSize: 12,
    updates: 100,
    reportEvery: 5,
    optimizer: { choice: ['adam', { kind: 'sgd', momentum: { uniform: [0, 0.95] } }] },
    learningRate: { logUniform: [1e-3, 3] },
    clipNorm: null,
  },
  search: { algorithm: 'random', trials: 1000, seed: 4 },
};

const folder = mkdtempSync(join(tmpdir(), 'unroll-pictures-'));
const stack = spawn(process.execPath, [here('../apps/cli/bin/unroll.mjs'), 'start', '--port', '0', '--data', folder], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const origin = await new Promise((resolve) => {
  let said = '';
  stack.stdout.on('data', (data) => {
    said += data;
    const [, found] = /Dashboard: (\S+)/.exec(said) ?? [];
    if (found) resolve(new URL(found).origin);
  });
});
// Into a pipe the address is printed without the key.
const key = readFileSync(join(folder, 'key'), 'utf8').trim();
const headers = {
  authorization: `Bearer ${key}`,
  'content-type': 'application/json',
};
const ask = async (path, body) =>
  (await fetch(origin + path, { headers, ...(body ? { method: 'POST', body: JSON.stringify(body) } : {}) })).json();
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function until(id, holds) {
  for (;;) {
    const sweep = await ask(`/v1/sweeps/${id}`);
    if (holds(sweep)) return sweep;
    await pause(500);
  }
}
const ended = ({ state }) => state !== 'running';

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  args: flags,
});
const wanted = process.argv.slice(2);
/** Markdown by screenshot name, in order; null for those that are not retaken. */
const captions = new Map();

/** Takes a screenshot of a page once it has finished loading. */
async function picture(
  name,
  caption,
  path,
  { width = 1280, height = 900, theme = 'light', signedIn = true, act } = {},
) {
  captions.set(name, null);
  if (wanted.length > 0 && !wanted.includes(name)) return;
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme });
  const page = await context.newPage();
  if (signedIn) await page.goto(`${origin}/#key=${key}`);
  await page.goto(origin + path);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.locator('.waiting').first().waitFor({ state: 'hidden' });
  await pause(1500);
  await act?.(page);
  const file = here(`dashboard-${name}.png`);
  await page.screenshot({ path: file });
  // 128 colours: hundreds of antialiased curves make large files otherwise.
  const { error } = spawnSync('pngquant', ['--force', '--output', file, '128', file]);
  if (error) console.error(`${file} is not compressed: install pngquant`);
  const size = statSync(file).size;
  captions.set(name, `**${caption}**\n\n![${caption}](dashboard-${name}.png)`);
  console.log(`dashboard-${name}.png  ${Math.round(size / 1000)} kB  ${caption}`);
  await context.close();
}

async function choose(page, count) {
  const boxes = page.getByRole('checkbox', { name: /^Compare trial/ });
  for (let index = 0; index < count; index += 1) await boxes.nth(index * 2).check();
  await page.getByRole('link', { name: /^Compare \d+ trials/ }).click();
  await page.locator('.curves canvas').first().waitFor();
  await pause(1500);
}

/** Brushes two axes of the parallel coordinates: two of four cells on the first, a range of learning rates on the second to last. */
async function brush(page) {
  const chart = page.getByRole('img', { name: /^Parallel coordinates/ });
  const box = await chart.boundingBox();
  const [, axes] = (await chart.getAttribute('aria-label')).match(/over (\d+) parameters/);
  const drag = async (axis, from, to, where) => {
    const x = box.x + 56 + (axis * (box.width - 152)) / Number(axes);
    await page.mouse.move(x, box.y + box.height * from);
    await page.mouse.down();
    await page.mouse.move(x, box.y + box.height * to, { steps: 8 });
    await page.mouse.up();
    await page.waitForURL(where);
    await pause(2000);
  };
  await drag(0, 0.4, 0.68, /where=model.cell/);
  await drag(Number(axes) - 1, 0.36, 0.62, /where=training.learningRate/);
  await page.mouse.move(0, 0);
}

/** Saves views as a team would. */
async function saveViews(first, large) {
  const views = [
    ['Networks that remember both numbers', `/sweeps/${large}?tab=parallel`],
    ['Gated cells only, fastest first', `/sweeps/${large}?sort=seconds&where=model.cell%3Agru%7Clstm`],
    ['Diverged trials and their reasons', `/sweeps/${large}?tab=problems`],
    ['Characters: what each rung stopped', `/sweeps/${first}?tab=search`],
    ['Best results on our declarations', '/board?dataset=typescript-declarations'],
  ];
  for (const [name, path] of views) await ask('/v1/views', { name, path });
}

/** The document with new captions in place of the old ones. */
function documented(text) {
  const [head, tail = ''] = text.split('<!-- pictures -->\n');
  const old = new Map(
    [...tail.matchAll(/\*\*.*\*\*\n\n!\[.*\]\(dashboard-(.*)\.png\)/g)].map(([all, name]) => [name, all]),
  );
  const all = [...captions].map(([name, caption]) => caption ?? old.get(name)).filter(Boolean);
  return `${head}<!-- pictures -->\n\n${all.join('\n\n')}\n`;
}

try {
  const { id: first } = await ask('/v1/sweeps', characters);
  await until(first, ended);
  await picture('sign-in', `Sweep ${first} without the key: every URL asks for it first`, `/sweeps/${first}`, {
    signedIn: false,
    height: 520,
  });
  const { items } = await ask(`/v1/sweeps/${first}/leaderboard?limit=1`);
  const [{ trialId: best }] = items;
  await picture(
    'submit',
    `The editor: validation while typing, and an estimate based on sweep ${first}, which ran on the same data`,
    `/submit?from=${first}`,
  );
  const { id: large } = await ask('/v1/sweeps', thousand);
  await until(large, ({ trials }) => trials.completed > 150);
  await picture('sweeps', `Sweeps, live: ${first} has ended, ${large} is training`, '/sweeps', { height: 420 });
  await picture('fleet', `The fleet while ${large} is training`, '/fleet', { height: 420, theme: 'dark' });
  await until(large, ended);
  await picture('sweep', `Sweep ${large}: the leaderboard of 1,000 trials`, `/sweeps/${large}`);
  await picture(
    'curves',
    `Sweep ${large}: learning curves of its 500 best trials`,
    `/sweeps/${large}?tab=curves&scale=log&smoothing=0.6`,
  );
  await picture(
    'parallel',
    `Sweep ${large}: brushes over two cells and a range of learning rates filter the table`,
    `/sweeps/${large}?tab=parallel`,
    { height: 1150, act: brush },
  );
  await picture(
    'parameters',
    `Sweep ${large}: parameter importance, and the value over each parameter`,
    `/sweeps/${large}?tab=parameters`,
    { height: 1100, act: (page) => page.locator('.bars').waitFor() },
  );
  await picture('problems', `Sweep ${large}: diverged trials, with their reasons`, `/sweeps/${large}?tab=problems`);
  await picture(
    'search',
    `Sweep ${first}: best value so far, and what ASHA stopped at each rung`,
    `/sweeps/${first}?tab=search`,
  );
  await picture(
    'specification',
    `Sweep ${first}: its specification, including defaults`,
    `/sweeps/${first}?tab=specification`,
    { height: 1000 },
  );
  await picture(
    'trial',
    `Trial ${best} of sweep ${first}: curves, parameters, generated samples, and gradient by distance in time`,
    `/trials/${best}`,
    { height: 1560 },
  );
  await picture('compare', `Three trials of sweep ${first} side by side`, `/sweeps/${first}`, {
    height: 1250,
    act: (page) => choose(page, 3),
  });
  await picture('board', `Team leaderboard for the data of sweep ${first}`, `/board?dataset=typescript-declarations`, {
    theme: 'dark',
  });
  await saveViews(first, large);
  await picture('views', `Saved views of sweeps ${first} and ${large}`, '/views', { height: 480 });
  await picture('telephone', `Sweep ${large} at a width of 390 pixels`, `/sweeps/${large}`, {
    width: 390,
    height: 1200,
  });
  const file = here('dashboard.md');
  writeFileSync(file, documented(readFileSync(file, 'utf8')));
} finally {
  await browser.close();
  await new Promise((done) => stack.on('exit', done).kill('SIGINT'));
  rmSync(folder, { recursive: true, force: true });
}
