// What fair shares and quotas add to a claim: 200 sweeps of 20 teams with 100,000 pending trials, beside the claim as it was before.
// npm run bench -- shares [TRIALS] [CLAIMS]
// npm run bench -- shares --week [FILE.svg]: a simulated week instead, and a picture of it
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, loadavg } from 'node:os';
import { startStackPostgres } from '../support/postgres.cjs';
import { claimBefore } from './claim-before-shares.mjs';
import { counts } from './counts.mjs';
import { printWeek } from './shares-week.mjs';

const require = createRequire(import.meta.url);
const teams = 20;
const sweeps = 200;
const members = 5;
const lanes = 16;

/** A fleet's database: each team has ten sweeps of five members, at three priorities, with two signatures each. */
async function fill(dataSource, trials) {
  const { sweepSpec } = require('../../dist/libs/contracts/src/index.js');
  const { firstTrials } = require('../../dist/libs/search/src/index.js');
  const spec = sweepSpec.parse({
    dataset: 'adding-problem',
    task: 'regression',
    training: { learningRate: { logUniform: [1e-4, 1e-2] } },
    search: { trials: 1 },
  });
  const [{ spec: trialSpec, parameters }] = firstTrials(spec, 1);
  const each = Math.ceil(trials / sweeps);
  await dataSource.query(
    `insert into sweeps (id, team_id, owner, priority, name, state, spec, objective, datasets, configurations, total, proposed, created_at)
     select 'sweep' || s, 'team' || s % ${teams}, 'member' || s / ${teams} % ${members},
            (array['normal', 'normal', 'high', 'low'])[1 + s % 4], 's', 'running', $1, '{"metric": "validation.mse", "goal": "minimize", "use": "best"}',
            '{}', $2::integer, $2, $2, timestamptz '2026-01-01' + make_interval(mins => s)
     from generate_series(0, ${sweeps - 1}) s`,
    [JSON.stringify(spec), each],
  );
  for (let sweep = 0; sweep < sweeps; sweep += 1)
    await dataSource.query(
      `insert into trials (id, sweep_id, number, configuration, seed, state, parameters, spec, signature, comparison_key, dataset_fingerprint)
       select $4 || '-' || n, $4, n, n, n, 'pending', $1, $2, 'signature' || n % 2, 'key', 'print' from generate_series(0, $3::integer - 1) n`,
      [JSON.stringify(parameters), JSON.stringify(trialSpec), each, `sweep${sweep}`],
    );
  await dataSource.query('vacuum analyze');
}

/** Milliseconds of processor time that the server has spent for a connection; undefined where the system does not say. */
function serverTime(pid) {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return undefined;
  }
}

/** A way to claim, on a connection of its own. */
async function openSide(url, name, claim) {
  const { DataSource } = require('typeorm');
  const { dataSourceOptions } = require('../../dist/libs/database/src/index.js');
  const options = dataSourceOptions(url);
  const dataSource = new DataSource({ ...options, extra: { ...options.extra, max: 1 } });
  await dataSource.initialize();
  const [{ pid }] = await dataSource.query('select pg_backend_pid() as pid');
  return { name, claim, dataSource, pid, server: 0, wall: 0, claims: 0, trials: 0 };
}

async function claimOnce(side, turn) {
  const [server, wall] = [serverTime(side.pid), performance.now()];
  const claim = await side.claim(side.dataSource, turn);
  side.wall += performance.now() - wall;
  side.server += serverTime(side.pid) - server;
  side.claims += 1;
  side.trials += claim.trials.length;
}

/** A ticket for any sweep: it is a hint, which shares may overrule. */
const ticketOf = (turn) => ({ sweepId: `sweep${(turn * 37) % sweeps}`, signature: `signature${turn % 2}` });

function ways() {
  const { claimTrials, newId } = require('../../dist/libs/database/src/index.js');
  const claimant = { workerId: 'bench', host: 'here', engine: 'none', lanes, leaseSeconds: 3600 };
  let busy;
  const shared = (ticket, stays) => async (dataSource, turn) => {
    const claim = await claimTrials(
      dataSource,
      claimant,
      ticket ? ticketOf(turn) : undefined,
      stays ? busy : undefined,
    );
    busy = claim?.account;
    return claim;
  };
  const before = (ticket) => (dataSource, turn) =>
    claimBefore(dataSource, claimant, ticket ? ticketOf(turn) : undefined, newId);
  return [
    ['before, with a ticket', before(true)],
    ['shared, with a ticket, another account', shared(true, false)],
    ['shared, with a ticket, after a group', shared(true, true)],
    ['before, without a ticket', before(false)],
    ['shared, without a ticket', shared(false, false)],
  ];
}

const ms = (value) => value.toFixed(2);

async function measure(url, claims, title) {
  const sides = await Promise.all(ways().map(([name, claim]) => openSide(url, name, claim)));
  for (let turn = 0; turn < 10; turn += 1) for (const side of sides) await claimOnce(side, turn);
  for (const side of sides) Object.assign(side, { server: 0, wall: 0, claims: 0, trials: 0 });
  for (let turn = 0; turn < claims; turn += 1) for (const side of sides) await claimOnce(side, turn);
  console.log(`\n${title}`);
  console.log('\n| claim | server ms | ratio | wall ms | trials |\n| --- | --- | --- | --- | --- |');
  let base;
  for (const { name, server, wall, claims: count, trials, dataSource } of sides) {
    if (name.startsWith('before')) base = server;
    const ratio = (server / base).toFixed(2);
    console.log(`| ${name} | ${ms(server / count)} | ${ratio} | ${ms(wall / count)} | ${trials / count} |`);
    await dataSource.destroy();
  }
}

export default async function shares(args) {
  if (args[0] === '--week') return printWeek(args[1]);
  const { trials, claims } = counts(args, { trials: 100_000, claims: 200 });
  const { DataSource } = require('typeorm');
  const { dataSourceOptions, foldUsage, migrate } = require('../../dist/libs/database/src/index.js');
  const postgres = await startStackPostgres();
  try {
    const dataSource = new DataSource(dataSourceOptions(postgres.url));
    await dataSource.initialize();
    await migrate(dataSource);
    await fill(dataSource, trials);
    console.log(
      `${trials} pending trials, ${sweeps} sweeps, ${teams} teams; ${lanes} lanes; ${availableParallelism()} cores, load ${loadavg()[0].toFixed(1)}`,
    );
    await measure(postgres.url, claims, 'No quotas');
    await foldUsage(dataSource.manager, 604_800);
    await dataSource.query(`update shares set lanes = 1000000, gpu_hours = 1000000 where priority = ''`);
    await measure(postgres.url, claims, 'Quotas of lanes and hours for every team and member');
    await dataSource.destroy();
  } finally {
    await postgres.close();
  }
}
