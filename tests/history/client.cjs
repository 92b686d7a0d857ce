// What the operations of workers tell a history: how they were called, by the clock of the process, and what they were answered.
//
// A claim does not wait for the disk, so its answer acknowledges nothing: it is `told`. It is acknowledged, `ok`, with the first commit of
// work by whose answer the server knows the attempt: that commit was written after the claim, and has waited.
const { tracingChannel } = require('node:diagnostics_channel');

const names = ['claim', 'join', 'renew', 'commit'];
let calls = 0;

/** What a call of an operation, and its answer, say. */
const said = {
  claim: {
    invoke: ([, { workerId, lanes }]) => ({ worker: workerId, lanes }),
    ok: (claim) => ({ attempts: (claim?.trials ?? []).map(({ attemptId }) => attemptId) }),
  },
  join: {
    invoke: ([, { workerId }, , free]) => ({ worker: workerId, lanes: free }),
    ok: (trials) => ({ attempts: trials.map(({ attemptId }) => attemptId) }),
  },
  renew: { invoke: ([, attempts]) => ({ attempts }), ok: (lost) => ({ lost: lostIn(lost) }) },
  commit: {
    // A commit renews the leases of what its worker holds.
    invoke: ([, work, , , life]) => ({ work: work.map(workOf), ...(life ? { attempts: life.held } : {}) }),
    ok: (lost) => ({ lost: lostIn(lost) }),
  },
};

const lostIn = ({ pruned, cancelled, refused }) => [...pruned, ...cancelled, ...refused];
const workOf = ({ attemptId, trialId, value, updates, end, rung }) => ({
  ...{ attempt: attemptId, trial: trialId, value: Number.isFinite(value) ? value : null, updates },
  ...(end ? { end: end.trialState } : {}),
  ...(rung ? { rung: true } : {}),
});

/** Operations whose answer says what may still be lost. */
const isUnflushed = (name) => name === 'claim' || name === 'join';

/** Claims that were told, by attempt, until a commit acknowledges them. */
class Told {
  claims = new Map();

  add(event) {
    for (const attempt of event.attempts) this.claims.set(attempt, event);
  }

  /** The claims that a commit acknowledges, each with those of its attempts. `refused`: attempts that the server may not know. */
  acknowledged({ work, attempts: held = [] }, refused) {
    if (work.length === 0) return [];
    const known = new Map();
    for (const attempt of new Set([...work.map((each) => each.attempt), ...held])) {
      const claim = this.claims.get(attempt);
      if (claim && !refused.includes(attempt)) known.set(claim, [...(known.get(claim) ?? []), attempt]);
      this.claims.delete(attempt);
    }
    return [...known].map(([claim, attempts]) => ({ ...claim, attempts }));
  }
}

/** Calls `write` with an event for each call of an operation here and for each answer, until the returned function is called. */
function observe(process, write) {
  const told = new Told();
  const subscriptions = names.map((name) => {
    const open = new WeakMap();
    const say = (event) => write({ by: 'client', process, at: new Date().toISOString(), ...event });
    const tell = (call, phase, more) => {
      const event = { event: name, phase, ...open.get(call), ...more };
      say(event);
      return event;
    };
    const answered = (call) => {
      const event = tell(call, isUnflushed(name) ? 'told' : 'ok', said[name].ok(call.result));
      if (isUnflushed(name)) told.add(event);
      if (name === 'commit')
        for (const claim of told.acknowledged(event, call.result.refused)) say({ ...claim, phase: 'ok' });
    };
    const subscribers = {
      start(call) {
        open.set(call, { id: (calls += 1), ...said[name].invoke(call.arguments) });
        tell(call, 'invoke');
      },
      end() {},
      asyncStart() {},
      asyncEnd(call) {
        if (!call.error) answered(call);
      },
      // Nobody knows whether it was written: the connection may have broken before or after the commit.
      error: (call) => tell(call, 'unknown', { error: String(call.error) }),
    };
    const channel = tracingChannel(`unroll:${name}`);
    channel.subscribe(subscribers);
    return () => channel.unsubscribe(subscribers);
  });
  return () => subscriptions.forEach((unsubscribe) => unsubscribe());
}

module.exports = { observe };
