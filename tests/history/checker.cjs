// Checks a history against what must hold whatever failed: the invariants of docs/reliability.md, as Jepsen's checkers do.
//
// A history is a list of events. Those of `by: 'server'` were written by triggers, in the transaction of what they tell of, so that the
// list has what was committed and nothing else, in the order of the rows' locks; `at` is the database's clock. Those of `by: 'client'`
// are what a worker or a user was told; `at` is that process's own clock, which may be wrong. `phase: 'ok'` acknowledges; what is only
// `told` (client.cjs) may be lost, as long as nothing is written by it. The last event is what is stored.

/** What the checker can find, by name. */
const rules = {
  'one result a trial': 'a trial has at most one result until it is retried, from an attempt that succeeded',
  'one attempt at a time': 'a trial is trained by at most one attempt at a time',
  'no write after the fence': 'an attempt that has ended writes nothing',
  'no lease taken early': "no attempt is lost before its lease ran out by the database's clock",
  'no lost acknowledged write': 'what a worker or a user was told to be stored is stored',
  'limits are kept': 'no more trials of a sweep run than its concurrentTrials',
};

const ended = (state) => ['completed', 'diverged', 'failed', 'pruned', 'cancelled'].includes(state);

/** The state of what the log tells of, while it is read. */
class Reading {
  violations = [];
  attempts = new Map();
  trials = new Map();
  limits = new Map();
  running = new Map();
  /** Seconds by which the clock was set on, over all. */
  jumped = 0;

  constructor(events) {
    this.leaseSeconds = events.find(({ event }) => event === 'about')?.leaseSeconds ?? 0;
    this.server = events.filter(({ by }) => by === 'server').sort((a, b) => a.n - b.n);
    /** Trials of which an attempt begins or ends in a transaction: what that writes belongs to it, before or after. */
    this.moved = new Set(
      this.server
        .filter(({ event }) => ['begin', 'end', 'insert'].includes(event))
        .map(({ xid, trial }) => `${xid} ${trial}`),
    );
    /** Whose a value is, where every report of the history has a value of its own. */
    this.owners = new Map();
    if (events.some(({ event, unique }) => event === 'about' && unique))
      for (const { event, phase, work = [] } of events)
        if (event === 'commit' && phase === 'invoke')
          for (const { attempt, value } of work) if (value !== null) this.owners.set(value, attempt);
  }

  /** When something happened, in seconds, as if the clock had never been set. */
  time({ at }) {
    return Date.parse(at) / 1000 - this.jumped;
  }

  /** When a lease was granted, and how far the clock had been set on by then. */
  seen(event) {
    return { seenAt: this.time(event), jumped: this.jumped };
  }

  found(rule, what, event) {
    this.violations.push({ rule, what, event });
  }

  trial(id) {
    if (!this.trials.has(id)) this.trials.set(id, { state: 'pending', attempt: undefined, results: 0 });
    return this.trials.get(id);
  }
}

const onEvent = {
  jump(reading, { seconds }) {
    reading.jumped += seconds;
  },
  sweep(reading, { sweep, limit }) {
    reading.limits.set(sweep, limit);
  },
  insert(reading, { trial, sweep, state }) {
    Object.assign(reading.trial(trial), { sweep, state });
  },
  begin(reading, event) {
    const { attempt, trial: id, until } = event;
    const trial = reading.trial(id);
    if (trial.attempt) reading.found('one attempt at a time', `${id} began while ${trial.attempt} trained it`, event);
    trial.attempt = attempt;
    reading.attempts.set(attempt, { trial: id, until, updates: 0, running: true, ...reading.seen(event) });
    const count = (reading.running.get(trial.sweep) ?? 0) + 1;
    reading.running.set(trial.sweep, count);
    const limit = reading.limits.get(trial.sweep) ?? Infinity;
    if (count > limit)
      reading.found('limits are kept', `${count} trials of ${trial.sweep} run: at most ${limit} may`, event);
  },
  lease(reading, event) {
    const attempt = reading.attempts.get(event.attempt);
    if (!attempt?.running)
      return reading.found(
        'no write after the fence',
        `the lease of ${event.attempt}, which has ended, changed`,
        event,
      );
    Object.assign(attempt, { until: event.until, ...reading.seen(event) });
  },
  end(reading, event) {
    const attempt = reading.attempts.get(event.attempt);
    if (!attempt?.running)
      return reading.found('no write after the fence', `${event.attempt} ended, which did not run`, event);
    Object.assign(attempt, { running: false, end: event.to, endedAt: reading.time(event) });
    const trial = reading.trial(attempt.trial);
    trial.attempt = undefined;
    trial.ended = event;
    reading.running.set(trial.sweep, (reading.running.get(trial.sweep) ?? 0) - 1);
    if (event.to !== 'lost') return;
    const silent = reading.time(event) - attempt.seenAt;
    if (silent < reading.leaseSeconds - 0.001)
      reading.found(
        'no lease taken early',
        `${event.attempt} was lost ${silent.toFixed(1)} s after it was renewed`,
        event,
      );
    else if (attempt.jumped === reading.jumped && Date.parse(event.at) < Date.parse(attempt.until))
      reading.found(
        'no lease taken early',
        `${event.attempt} was lost before its lease ran out (${attempt.until})`,
        event,
      );
  },
  trial(reading, event) {
    const { trial: id, xid, state, value, updates } = event;
    const trial = reading.trial(id);
    const writer = reading.owners.get(value);
    const isReport = value !== null && (value !== trial.value || updates !== trial.updates);
    if (isReport && !trial.attempt && !reading.moved.has(`${xid} ${id}`))
      reading.found('no write after the fence', `a report of ${id}, which no attempt trains, was written`, event);
    else if (isReport && writer !== undefined && !mayWrite(reading, trial, writer, xid))
      reading.found('no write after the fence', `${writer}, which does not run, wrote a report of ${id}`, event);
    const attempt = reading.attempts.get(writer ?? trial.attempt ?? trial.ended?.attempt);
    if (attempt && isReport) attempt.updates = Math.max(attempt.updates, updates);
    if (state !== trial.state) moved(reading, trial, event);
    else if (isReport && isResult(state))
      reading.found('one result a trial', `the result of ${id} was written again`, event);
    Object.assign(trial, { state, value, updates });
  },
  points(reading, event) {
    const { trial: id, xid } = event;
    if (!reading.trial(id).attempt && !reading.moved.has(`${xid} ${id}`))
      reading.found('no write after the fence', `points of ${id}, which no attempt trains, were written`, event);
  },
  delete(reading, { trial: id }) {
    const trial = reading.trial(id);
    if (trial.attempt) reading.running.set(trial.sweep, reading.running.get(trial.sweep) - 1);
    Object.assign(trial, { attempt: undefined, isDeleted: true });
  },
};

/** Whether a report is by the attempt that trains the trial, or by one that ended in the same transaction. */
const mayWrite = (reading, trial, writer, xid) =>
  trial.attempt === writer || (trial.ended?.attempt === writer && trial.ended.xid === xid);

const isResult = (state) => state === 'completed' || state === 'diverged';

/** A trial has another state. Retries and resumed configurations begin anew. */
function moved(reading, trial, event) {
  const { trial: id, state, xid } = event;
  if (state === 'pending' && ended(trial.state)) trial.results = 0;
  if (!isResult(state)) return;
  trial.results += 1;
  if (trial.results > 1) return reading.found('one result a trial', `${id} has ${trial.results} results`, event);
  const isOwn = reading.moved.has(`${xid} ${id}`);
  if (!isOwn) reading.found('one result a trial', `the result of ${id} is from no attempt`, event);
}

/** What was acknowledged to clients must be in the log, and what is stored must be what the log says. */
function checkAcknowledged(reading, events) {
  const stored = events.findLast(({ event }) => event === 'stored');
  for (const event of events) {
    if (event.by !== 'client' || event.phase !== 'ok') continue;
    if (event.event === 'claim' || event.event === 'join')
      for (const attempt of event.attempts)
        if (!reading.attempts.has(attempt))
          reading.found('no lost acknowledged write', `the claim of ${attempt} is not stored`, event);
    if (event.event === 'commit')
      for (const work of event.work) if (!event.lost.includes(work.attempt)) checkWork(reading, work, event);
    if (event.event === 'submit' && stored && !stored.sweeps.includes(event.sweep))
      reading.found('no lost acknowledged write', `the sweep ${event.sweep}, which was accepted, is not stored`, event);
  }
  checkRenewals(reading, events);
  for (const { id, state, updates } of stored?.trials ?? []) {
    const trial = reading.trials.get(id);
    if (!trial || trial.isDeleted) continue;
    if (trial.state !== state || (trial.updates ?? updates) !== updates)
      reading.found(
        'no lost acknowledged write',
        `${id} is ${state} at ${updates}: its last write said ${trial.state}`,
        stored,
      );
  }
}

/** The part of a lease that is left when it is renewed: until then a renewal writes nothing (schema/commit-work.ts). */
const renewedAt = 0.75;

/**
 * A worker that was told that it holds an attempt keeps it for three quarters of a lease from when it asked. `time` of what it asked: the
 * database's, in seconds, where the history knows it.
 */
function checkRenewals(reading, events) {
  const asked = new Map();
  for (const event of events) {
    if (event.by !== 'client' || !event.attempts || !['renew', 'commit'].includes(event.event)) continue;
    if (event.phase === 'invoke') asked.set(event.id, event);
    const { time } = asked.get(event.id) ?? {};
    if (event.phase !== 'ok' || time === undefined) continue;
    for (const id of event.attempts) {
      const attempt = reading.attempts.get(id);
      if (event.lost.includes(id) || attempt?.end !== 'lost') continue;
      const after = attempt.endedAt - time;
      if (after < reading.leaseSeconds * renewedAt - 0.001)
        reading.found(
          'no lease taken early',
          `${id} was lost ${after.toFixed(1)} s after a ${event.event} renewed it`,
          event,
        );
    }
  }
}

function checkWork(reading, { attempt: id, trial, value, updates, end }, event) {
  const attempt = reading.attempts.get(id);
  if (reading.trials.get(trial)?.isDeleted) return;
  if (!attempt) return reading.found('no lost acknowledged write', `${id}, which a commit named, is not stored`, event);
  if (end && attempt.running)
    reading.found('no lost acknowledged write', `the end of ${id} was acknowledged, and it still runs`, event);
  if (end && !attempt.running && !['succeeded', 'failed'].includes(attempt.end))
    reading.found(
      'no lost acknowledged write',
      `the result of ${id} was acknowledged, and it is ${attempt.end}`,
      event,
    );
  if (value !== null && attempt.updates < updates)
    reading.found(
      'no lost acknowledged write',
      `update ${updates} of ${id} was acknowledged; ${attempt.updates} is stored`,
      event,
    );
}

/**
 * Checks a history. Returns its violations, each with its rule, what happened and the event that showed it, and how much was checked.
 */
function check(events) {
  const reading = new Reading(events);
  for (const event of reading.server) onEvent[event.event]?.(reading, event);
  checkAcknowledged(reading, events);
  const acknowledged = events.filter(({ by, phase }) => by === 'client' && phase === 'ok').length;
  return { violations: reading.violations, written: reading.server.length, acknowledged };
}

module.exports = { check, rules };
