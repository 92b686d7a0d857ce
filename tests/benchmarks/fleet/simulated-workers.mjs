// Workers of a fleet in one process: the worker as it is built, with trainers that train nothing. A trial takes `seconds` and reports
// once a second. Arguments: the folder of the build, how many workers, the seconds of a trial.
import { AsyncLocalStorage } from 'node:async_hooks';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { clearInterval, setImmediate, setInterval } from 'node:timers';
import { setTimeout as sleep } from 'node:timers/promises';

const [dist, count, seconds] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const require = createRequire(join(dist, 'apps/worker/src/'));
const ours = (path) => require(join(dist, path));
const { TrainerProcess } = ours('apps/worker/src/trainer-process.js');
const { Claims } = ours('apps/worker/src/claims.js');
const { Committer } = ours('apps/worker/src/committer.js');
const { LeaseKeeper } = ours('apps/worker/src/lease-keeper.js');

/** Milliseconds and round trips of each kind of call. */
const calls = { claim: [], commit: [], renewal: [] };
const trips = { claim: 0, commit: 0, renewal: 0, queue: 0 };
/** Connections that were opened. */
let opened = 0;
/** When each claim began, by the clock of the machine. */
let claimsBegan = [];
const errors = new Map();
const kind = new AsyncLocalStorage();

/** Times a method of a class of the worker. */
function timed(type, method, name, counts = () => true) {
  const original = type.prototype[method];
  type.prototype[method] = function (...values) {
    return kind.run(name, async () => {
      const began = performance.now();
      try {
        const answer = await original.apply(this, values);
        if (!counts(answer)) return answer;
        calls[name].push(performance.now() - began);
        if (name === 'claim') claimsBegan.push(performance.timeOrigin + began);
        return answer;
      } catch (error) {
        errors.set(`${name}: ${error.message}`, (errors.get(`${name}: ${error.message}`) ?? 0) + 1);
        throw error;
      }
    });
  };
}
timed(Claims, 'claim', 'claim', (claim) => claim !== undefined);
timed(Committer, 'land', 'commit');
// Builds before 0.3 renewed leases apart from commits.
if (Committer.prototype.renew) timed(Committer, 'renew', 'renewal');
else timed(LeaseKeeper, 'tick', 'renewal');
const { Client } = require('pg');
const { query, connect } = Client.prototype;
Client.prototype.connect = function (...values) {
  opened += 1;
  return connect.apply(this, values);
};
Client.prototype.query = function (...values) {
  trips[kind.getStore() ?? 'queue'] += 1;
  return query.apply(this, values);
};

/** What a trainer says about a lane, once a second. */
function* reports(reportEvery) {
  for (let second = 1; second <= seconds; second += 1) {
    const loss = 1 / second + Math.random() / 10;
    const metrics = { 'train.loss': loss, 'validation.mse': loss, 'validation.mae': loss / 2 };
    yield { update: second * reportEvery, metrics, updatesPerEpoch: 10 };
  }
}

/** The process of a trainer that trains nothing: it answers the worker's commands as the real one does. */
class SimulatedTrainer {
  pid = process.pid;
  connected = true;
  lanes = new Map();

  constructor(say) {
    this.say = say;
  }

  send(command) {
    if (command.type === 'train') this.train(command);
    else if (command.type === 'drain') for (const id of [...this.lanes.keys()]) this.release(id);
    else for (const id of command.attemptIds ?? []) this.end(id, { state: 'cancelled' });
  }

  train({ groupId, lanes }) {
    this.groupId = groupId;
    this.say({ type: 'opened', groupId, lanes: 1, evenBatches: false });
    for (const { attemptId, spec } of lanes) {
      const told = reports(spec.training.reportEvery);
      const timer = setInterval(
        () => {
          const { value: report, done } = told.next();
          if (done) return this.end(attemptId, { state: 'completed' });
          this.say({ type: 'progress', groupId, updates: report.update, memory: 1e8 });
          this.say({ type: 'report', groupId, attemptId, report });
        },
        1000 * (seconds / (seconds + 1)),
      );
      this.lanes.set(attemptId, timer);
    }
  }

  /** The lane has ended; the group, with its last one. */
  end(attemptId, outcome) {
    if (!this.forget(attemptId)) return;
    const whole = { updates: seconds, seconds, stepsPerSecond: 1, parameters: 100, ...outcome };
    this.say({ type: 'outcome', groupId: this.groupId, attemptId, outcome: whole, model: null });
    if (this.lanes.size === 0) this.say({ type: 'done', groupId: this.groupId });
  }

  release(attemptId) {
    if (!this.forget(attemptId)) return;
    const why = { state: 'released', message: 'drained' };
    this.say({ type: 'released', groupId: this.groupId, attemptIds: [attemptId], ...why });
    if (this.lanes.size === 0) this.say({ type: 'done', groupId: this.groupId });
  }

  forget(attemptId) {
    clearInterval(this.lanes.get(attemptId));
    return this.lanes.delete(attemptId);
  }

  kill() {
    for (const timer of this.lanes.values()) clearInterval(timer);
  }
}

TrainerProcess.prototype.start = async function () {
  this.engine = 'simulated';
  this.device = 'none';
  this.child = new SimulatedTrainer((message) => setImmediate(() => this.emit('message', message)));
};

const { readConfig } = ours('libs/config/src/index.js');
const { startWorker } = ours('apps/worker/src/worker.js');
const workers = [];
for (let number = 0; number < count; number += 1) {
  const folder = join(process.env.UNROLL_DATA, `${process.pid}-${number}`);
  workers.push(await startWorker(readConfig({ ...process.env, UNROLL_DATA: folder })));
}
process.send({ type: 'ready' });

process.on('message', async (asked) => {
  if (asked === 'begin') {
    for (const name of Object.keys(calls)) calls[name] = [];
    for (const name of Object.keys(trips)) trips[name] = 0;
    claimsBegan = [];
    opened = 0;
    errors.clear();
  }
  if (asked === 'tell') process.send({ type: 'told', calls, trips, claimsBegan, opened, errors: [...errors] });
  if (asked === 'end') {
    await Promise.race([Promise.allSettled(workers.map((worker) => worker.close())), sleep(8000)]);
    process.exit(0);
  }
});
