// Random schedules over the real statements of claims, renewals, reports, results, releases and reaping: workers that die, stall, are cut
// off and come back late, two schedulers that both believe that they lead, users, and a clock that jumps.
import { createRequire } from 'node:module';
import { Actor, settle } from './gate.mjs';
import { installVirtualClock } from './virtual-clock.mjs';

const require = createRequire(import.meta.url);
const { check } = require('./checker.cjs');
const { installRecorder, recorded } = require('./recorder.cjs');
const { observe } = require('./client.cjs');

const leaseSeconds = 20;
const lanes = 3;
/** Updates of a trial: it ends with the last. */
const length = 4;

/** What the board reads of a trial. */
const spec = JSON.stringify({
  dataset: { name: 'tiny' },
  task: { kind: 'language-model', tokens: 'character' },
  model: { cell: 'rnn', hiddenSize: 8 },
});

/** Draws for one schedule. */
class Chance {
  index = 0;
  constructor(seed) {
    const { stream } = require('../../dist/libs/random/src/index.js');
    this.draws = stream(seed, 'data');
  }
  number() {
    return this.draws.uniform(0, (this.index += 1));
  }
  below(count) {
    return Math.floor(this.number() * count);
  }
  one(list) {
    return list[this.below(list.length)];
  }
  /** A key, by its weight. */
  weighted(weights) {
    const entries = Object.entries(weights);
    let left = this.number() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    return (entries.find(([, weight]) => (left -= weight) < 0) ?? entries.at(-1))[0];
  }
}

/** A worker over the database's own functions, with what it believes that it holds. */
class Worker {
  held = new Map();
  /** Work that no commit has acknowledged yet: it is sent again, as a committer does. */
  unwritten = new Map();
  stalled = 0;

  constructor(world, actor, number) {
    Object.assign(this, { world, actor, number, name: `worker ${number}.0`, lives: 0 });
  }

  get claimant() {
    return { workerId: this.name, host: 'here', engine: 'cpu', lanes, leaseSeconds };
  }

  drop({ pruned, cancelled, refused }) {
    for (const id of [...pruned, ...cancelled, ...refused]) {
      this.held.delete(id);
      this.unwritten.delete(id);
    }
  }

  take(claim, trials) {
    for (const { attemptId, trialId } of trials) this.held.set(attemptId, { attemptId, trialId, claim, updates: 0 });
  }

  /** The process is killed, and another starts: it knows nothing. */
  die() {
    this.held.clear();
    this.unwritten.clear();
    this.stalled = 0;
    this.lives += 1;
    this.name = `worker ${this.number}.${this.lives}`;
  }

  /** Reports of some of what it trains, and results of those that are through, with what was not acknowledged. */
  work() {
    const { chance } = this.world;
    for (const attempt of this.held.values()) {
      if (this.unwritten.get(attempt.attemptId)?.end || chance.number() < 0.3) continue;
      attempt.updates += 1;
      const { attemptId, trialId, updates } = attempt;
      const value = this.world.newValue();
      const curve = { name: 'validation.bitsPerToken', updates: [updates], values: [value] };
      const before = this.unwritten.get(attemptId)?.curves ?? [];
      const trialState = chance.weighted({ completed: 8, diverged: 1, failed: 1 });
      this.unwritten.set(attemptId, {
        ...{ attemptId, trialId, value, metrics: { [curve.name]: value }, updates, sample: null, diagnostics: [] },
        curves: [...before, curve],
        ...(updates >= length ? { end: { trialState, seconds: 1, message: null, model: null } } : {}),
      });
    }
    return [...this.unwritten.values()];
  }

  operations() {
    const { database: db, chance, sweeps } = this.world;
    const { dataSource } = this.actor;
    const ids = [...this.held.keys()];
    const preferred = () => ({ sweepId: chance.one(sweeps), signature: '' });
    return {
      claim: async () => {
        const claim = await db.claimTrials(dataSource, this.claimant, chance.number() < 0.7 ? preferred() : undefined);
        if (claim) this.take(claim, claim.trials);
      },
      join: async () => {
        const { claim } = chance.one([...this.held.values()]);
        this.take(claim, await db.joinGroup(dataSource, this.claimant, claim, 1));
      },
      renew: async () => this.drop(await db.renewLeases(dataSource, ids, leaseSeconds)),
      commit: async () => {
        const work = this.work();
        if (work.length === 0) return;
        // Most commits renew the leases too.
        const life = chance.number() < 0.8 ? { held: ids, leaseSeconds } : undefined;
        this.drop(await db.commitWork(dataSource, work, [], undefined, life));
        for (const { attemptId, end } of work) {
          this.unwritten.delete(attemptId);
          if (end) this.held.delete(attemptId);
        }
      },
      release: async () => {
        const state = chance.one(['released', 'failed']);
        const given = [chance.one(ids)];
        await dataSource.transaction((manager) => db.giveUpAttempts(manager, given, { state, message: 'why' }));
        this.drop({ pruned: [], cancelled: [], refused: given });
      },
    };
  }

  next() {
    if (this.stalled > 0) return void (this.stalled -= 1);
    const { chance } = this.world;
    if (chance.number() < 0.04) this.stalled = chance.below(40);
    const has = this.held.size > 0 ? 1 : 0;
    const weights = {
      claim: this.held.size < lanes ? 4 : 0,
      join: has,
      renew: 4 * has,
      commit: 8 * has,
      release: 0.4 * has,
    };
    return this.operations()[chance.weighted(weights)];
  }
}

/** A scheduler: two of them act, as if both led. */
class Scheduler {
  constructor(world, actor) {
    const { Watch } = require('../../dist/apps/api/src/scheduler/watch.js');
    Object.assign(this, { world, actor, watch: new Watch(leaseSeconds) });
  }

  die() {
    this.watch.reset();
  }

  next() {
    const { database: db } = this.world;
    const { manager } = this.actor.dataSource;
    return async () => {
      const [{ now }] = await manager.query(`select extract(epoch from clock_timestamp())::double precision as now`);
      if (this.watch.observe(now)) await this.world.reap(manager, leaseSeconds, now);
      await db.completeSweeps(manager);
    };
  }
}

/** Somebody who pauses, resumes, cancels and retries. */
class User {
  constructor(world, actor) {
    Object.assign(this, { world, actor });
  }

  die() {}

  next() {
    const { chance, sweeps, trials, database: db } = this.world;
    const { dataSource } = this.actor;
    if (chance.number() < 0.7) return;
    const sweep = chance.one(sweeps);
    const what = chance.weighted({ pause: 3, resume: 6, cancel: 0.1, retry: 4 });
    return {
      pause: () => db.pauseSweep(dataSource, sweep),
      resume: () => db.resumeSweep(dataSource, sweep),
      cancel: () => db.cancelSweep(dataSource, sweep),
      retry: () => db.retryTrial(dataSource, chance.one(trials)),
    }[what];
  }
}

/** What all actors of a schedule share. */
export class World {
  values = 0;
  statements = 0;

  /** `changes`: other functions in place of the database's, to see that the checker finds what they do wrong. */
  constructor(seed, changes = {}) {
    this.seed = seed;
    /** Whether statements of several processes run at once now and then, in an order that the seed does not decide. */
    this.rushes = seed % 2 === 1;
    this.chance = new Chance(seed);
    this.database = { ...require('../../dist/libs/database/src/index.js'), ...changes };
    this.reap = this.database.reapLostAttempts;
  }

  newValue() {
    return (this.values += 1);
  }

  async open(url, name, query) {
    await installRecorder(query);
    this.clock = await installVirtualClock(query, name);
    this.query = query;
    const open = (actor) => new Actor(actor, url).open();
    const workers = await Promise.all(
      [1, 2, 3].map(async (number) => new Worker(this, await open(`worker ${number}`), number)),
    );
    const schedulers = await Promise.all(
      ['a', 'b'].map(async (each) => new Scheduler(this, await open(`scheduler ${each}`))),
    );
    this.processes = [...workers, ...schedulers, new User(this, await open('user'))];
    this.actors = this.processes.map(({ actor }) => actor);
    this.sweeps = [await this.submit(query, null), await this.submit(query, 2)];
    this.trials = (await query('select id from trials')).map(({ id }) => id);
  }

  /** Inserts a sweep of six trials. */
  async submit(query, limit) {
    const { newId } = this.database;
    const id = newId();
    await query(
      `insert into sweeps (id, name, state, spec, objective, datasets, configurations, total, proposed, concurrent_trials, created_at)
       values ($1, 'schedule', 'running', $3, '{"metric": "validation.bitsPerToken", "goal": "minimize", "use": "best"}', '{}', 6, 6, 6,
               $2, clock_timestamp())`,
      [id, limit, spec],
    );
    for (let number = 0; number < 6; number += 1)
      await query(
        `insert into trials (id, sweep_id, number, configuration, seed, held, state, parameters, spec, signature, comparison_key,
                             dataset_fingerprint) values ($1, $2, $3, $3, 0, false, 'pending', '{}', $5, $4, 'board', 'print')`,
        [newId(), id, number, `signature ${number % 2}`, spec],
      );
    return id;
  }

  /** One step: time passes, a process begins something, or a statement of one passes. */
  async step() {
    const { chance, actors } = this;
    if (chance.number() < 0.1) await this.clock.advance(chance.number() * (chance.number() < 0.1 ? 6 : 1.5));
    if (chance.number() < 0.002) await this.clock.jump(chance.one([3600, -600, 45, -3600]));
    if (chance.number() < 0.0005) await this.clock.restart();
    const waiting = actors.filter(({ next }) => next);
    if (this.rushes && waiting.length > 1 && chance.number() < 0.1) {
      // What is one statement is a race only beside others that run at the same time.
      this.statements += waiting.length;
      for (const actor of waiting) actor.pass();
      return settle(actors, this.query);
    }
    const process = chance.one(this.processes);
    const { actor } = process;
    if (actor.next) {
      this.statements += 1;
      const cut = chance.weighted({ no: 160, before: 1, after: 1 });
      const dies = cut !== 'no' && chance.number() < 0.5;
      actor.pass(cut === 'no' ? undefined : cut);
      await settle(actors, this.query);
      if (dies) process.die();
    } else if (!actor.doing) {
      if (chance.number() < 0.01) process.die();
      const work = process.next();
      if (work) actor.begin(work);
      await settle(actors, this.query);
    }
  }

  /** Lets everything that was begun end. */
  async finish() {
    for (let turn = 0; turn < 10_000 && this.actors.some(({ doing }) => doing); turn += 1) {
      for (const actor of this.actors) if (actor.next) actor.pass();
      await settle(this.actors, this.query);
    }
  }

  async close() {
    await Promise.all(this.actors.map((actor) => actor.close()));
  }
}

/** Runs a schedule of `steps` on a migrated database. Returns its history, and what the checker found. */
export async function runSchedule({ url, name, query, seed, steps, changes }) {
  const world = new World(seed, changes);
  const told = [];
  const stop = observe('worker', (event) => told.push({ ...event, time: world.clock.time }));
  try {
    await world.open(url, name, query);
    for (let step = 0; step < steps; step += 1) await world.step();
    await world.finish();
    const about = { event: 'about', seed, steps, unique: true, leaseSeconds };
    const history = [about, ...told, ...(await recorded(query))];
    return { history, statements: world.statements, ...check(history) };
  } finally {
    stop();
    await world.close();
  }
}
