// A day of a large fleet in minutes: the real statements of thousands of workers, on a database whose clock the simulation moves. Workers
// claim, report, renew and commit as their times come, several at once; they die, stall and come back late. The history is then checked.
import { randomInt } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import pg from 'pg';
import { temporaryFolder } from '../support/servers.cjs';
import { administer, openTemplate } from './databases.mjs';
import { installVirtualClock } from './virtual-clock.mjs';

const require = createRequire(import.meta.url);
const { check } = require('./checker.cjs');
const { observe } = require('./client.cjs');
const { installRecorder, recorded, writeHistory } = require('./recorder.cjs');

/** Seconds of the database's clock: a day of the fleet passes in two minutes of it, so that leases of the usual length are hours. */
const hour = 5;
const day = 24 * hour;
/** Trials of one worker. */
const lanes = 10;
const leaseSeconds = 4 * hour;
/** Seconds between two renewals, and between two looks of a worker that found nothing. */
const renewSeconds = leaseSeconds / 3;
const idleSeconds = hour / 2;
/** Seconds that pass at once, and operations at a time. */
const tick = hour / 60;
const connections = 4;

/** What the board reads of a trial. */
const spec = JSON.stringify({
  dataset: { name: 'tiny' },
  task: { kind: 'language-model', tokens: 'character' },
  model: { cell: 'rnn', hiddenSize: 8 },
});

/** A worker of the simulation: what it believes that it holds, and when it acts next. */
class Worker {
  held = new Map();
  lives = 0;

  constructor(world, number) {
    Object.assign(this, { world, number });
    this.at = world.draw() * idleSeconds;
  }

  get name() {
    return `worker ${this.number}.${this.lives}`;
  }

  /** What is due now. Crashes and stalls come between any two of its operations. */
  async act(now) {
    const { world } = this;
    const fate = world.draw();
    if (fate < 0.01) return this.die(now);
    if (fate < 0.02) return this.stall(now);
    if (this.held.size === 0) await this.claim(now);
    else if (now >= this.endsAt) await this.commit(true);
    else await (world.draw() < 0.5 ? this.commit(false) : this.renew());
    if (this.held.size === 0) this.at = now + (this.idle ? idleSeconds : 0);
    else this.at = Math.min(Math.max(now + tick, this.endsAt), now + renewSeconds);
  }

  /** Killed; another process starts, which knows nothing. */
  die(now) {
    this.world.crashes += 1;
    this.held.clear();
    this.lives += 1;
    this.at = now + tick;
  }

  /** Frozen for up to two leases; it believes afterwards that it still holds what it did. */
  stall(now) {
    this.world.stalls += 1;
    this.at = now + 2 * leaseSeconds * this.world.draw();
  }

  async claim(now) {
    const { db, dataSource } = this.world;
    const claimant = { workerId: this.name, host: 'here', engine: 'cpu', lanes, leaseSeconds };
    const claim = await db.claimTrials(dataSource, claimant);
    this.idle = !claim;
    for (const { attemptId, trialId } of claim?.trials ?? [])
      this.held.set(attemptId, { attemptId, trialId, updates: 0 });
    // A tenth of a day's work: some trials are longer than others.
    this.endsAt = now + this.world.trialSeconds * (0.5 + this.world.draw());
  }

  async renew() {
    const { db, dataSource } = this.world;
    this.drop(await db.renewLeases(dataSource, [...this.held.keys()], leaseSeconds));
  }

  /** Reports of all that it trains; at their end, results. */
  async commit(isEnd) {
    const { db, dataSource } = this.world;
    const work = [...this.held.values()].map((attempt) => {
      attempt.updates += 1;
      const { attemptId, trialId, updates } = attempt;
      const value = this.world.newValue();
      return {
        ...{ attemptId, trialId, value, metrics: {}, updates, sample: null, diagnostics: [] },
        curves: [{ name: 'loss', updates: [updates], values: [value] }],
        ...(isEnd ? { end: { trialState: 'completed', seconds: 1, message: null, model: null } } : {}),
      };
    });
    this.drop(await db.commitWork(dataSource, work, [], undefined, { held: [...this.held.keys()], leaseSeconds }));
    if (isEnd) this.held.clear();
  }

  drop({ pruned, cancelled, refused }) {
    this.world.refused += refused.length;
    for (const id of [...pruned, ...cancelled, ...refused]) this.held.delete(id);
  }
}

/** The fleet and its database. */
class World {
  crashes = 0;
  stalls = 0;
  refused = 0;
  values = 0;
  draws = 0;

  constructor(seed) {
    const { stream } = require('../../dist/libs/random/src/index.js');
    this.stream = stream(seed, 'data');
    this.db = require('../../dist/libs/database/src/index.js');
  }

  draw() {
    return this.stream.uniform(0, (this.draws += 1));
  }

  newValue() {
    return (this.values += 1);
  }

  async open(url, name, { workers, trials }) {
    const { DataSource } = require('typeorm');
    this.pool = new pg.Pool({ connectionString: url, max: 1 });
    this.pool.on('error', () => undefined);
    this.query = async (text, values) => (await this.pool.query(text, values)).rows;
    await installRecorder(this.query);
    this.clock = await installVirtualClock(this.query, name);
    // The search path of a database holds for connections that are opened from now on.
    const options = this.db.dataSourceOptions(url);
    this.dataSource = await new DataSource({ ...options, extra: { ...options.extra, max: connections } }).initialize();
    const sweeps = Math.ceil(trials / 10_000);
    for (let sweep = 0; sweep < sweeps; sweep += 1)
      await this.submit(`sweep${sweep}`, Math.floor(trials / sweeps), sweep === 1);
    await this.query('vacuum analyze');
    // As many as a day has room for, with a third to spare for what crashes cost.
    this.trialSeconds = (0.65 * day * workers * lanes) / trials;
    this.workers = Array.from({ length: workers }, (_, number) => new Worker(this, number));
  }

  /** A sweep whose trials are of two signatures; the second one may run no more than a tenth at a time. */
  async submit(id, trials, isLimited) {
    await this.query(
      `insert into sweeps (id, name, state, spec, objective, datasets, configurations, total, proposed, concurrent_trials, created_at)
       values ($1, 'soak', 'running', $3, '{"metric": "loss", "goal": "minimize", "use": "best"}', '{}', $2::integer, $2, $2, $4, clock_timestamp())`,
      [id, trials, spec, isLimited ? Math.ceil(trials / 10) : null],
    );
    await this.query(
      `insert into trials (id, sweep_id, number, configuration, seed, held, state, parameters, spec, signature, comparison_key, dataset_fingerprint)
       select $1 || '-' || n, $1, n, n, 0, false, 'pending', '{}', $3, 'signature' || n / 500 % 2, 'board', 'print' from generate_series(0, $2::integer - 1) n`,
      [id, trials, spec],
    );
  }

  /** Lets a day pass, and then what is left. `say`: how far it is. */
  async run(say) {
    const { Watch } = require('../../dist/apps/api/src/scheduler/watch.js');
    const watch = new Watch(leaseSeconds);
    let [reapedAt, saidAt] = [0, 0];
    for (let now = 0; now < 3 * day; now += tick) {
      await this.clock.advance(tick);
      const due = this.workers.filter(({ at }) => at <= now);
      await Promise.all(
        Array.from({ length: connections }, async () => {
          for (let worker = due.pop(); worker; worker = due.pop()) await worker.act(now);
        }),
      );
      if (now - reapedAt < hour / 4) continue;
      reapedAt = now;
      const [at] = await this.dataSource.query('select extract(epoch from clock_timestamp())::double precision as now');
      if (watch.observe(at.now))
        while ((await this.db.reapLostAttempts(this.dataSource.manager, leaseSeconds, at.now)) === 1000);
      await this.db.completeSweeps(this.dataSource.manager);
      const [{ left }] = await this.query(`select count(*)::integer as left from sweeps where finished_at is null`);
      if (left === 0) return now;
      if (now - saidAt < 2 * hour) continue;
      saidAt = now;
      await say(now);
    }
    throw new Error('trials were left after three days');
  }

  async close() {
    await this.dataSource?.destroy();
    await this.pool?.end();
  }
}

/** Runs a fleet for a day. Returns what was found, in one line; throws for a violation, with the file of the history. */
export async function soak({ adminUrl, seed, workers, trials }) {
  const template = await openTemplate(adminUrl);
  const name = `soak_${process.pid}_${randomInt(2 ** 31)}`;
  await administer(adminUrl, `create database ${name} template ${template}`);
  // A crash of the server is not among these faults: commits need not reach the disk.
  await administer(adminUrl, `alter database ${name} set synchronous_commit = off`);
  const world = new World(seed);
  const told = [];
  const stop = observe('worker', (event) => told.push({ ...event, time: world.clock.time }));
  try {
    await world.open(adminUrl.replace(/[^/]*$/, name), name, { workers, trials });
    const began = performance.now();
    const took = await world.run(async (now) => {
      const [{ count }] = await world.query(`select count(*)::integer from trials where state = 'completed'`);
      console.error(
        `   ${(now / hour).toFixed(0)} h: ${count} of ${trials} results after ${((performance.now() - began) / 1000).toFixed(0)} s`,
      );
    });
    const seconds = (performance.now() - began) / 1000;
    const [{ completed }] = await world.query(
      `select count(*)::integer as completed from trials where state = 'completed'`,
    );
    const history = [{ event: 'about', seed, unique: true, leaseSeconds }, ...told, ...(await recorded(world.query))];
    const { violations, written, acknowledged } = check(history);
    const file = () => {
      const path = join(temporaryFolder(), `soak-${seed}.jsonl`);
      writeHistory(path, history);
      return path;
    };
    if (violations.length > 0)
      throw new Error(
        `seed ${seed}: ${violations[0].rule}: ${violations[0].what}; ${violations.length} violations, history in ${file()}`,
      );
    if (completed !== trials)
      throw new Error(`seed ${seed}: ${completed} of ${trials} trials completed, history in ${file()}`);
    return (
      `seed ${seed}: ${workers} workers, ${trials} trials in ${(took / hour).toFixed(1)} simulated hours (${seconds.toFixed(0)} s), ` +
      `${world.crashes} crashes, ${world.stalls} stalls, ${world.refused} late writes refused; ${written} rows written and ${acknowledged} answers checked`
    );
  } finally {
    stop();
    await world.close();
    await administer(adminUrl, `drop database ${name} with (force)`);
  }
}
