// What the operations of workers tell a history: how they were called, by the clock of the process, and what they were answered.
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

/** Calls `write` with an event for each call of an operation here and for each answer, until the returned function is called. */
function observe(process, write) {
  const subscriptions = names.map((name) => {
    const open = new WeakMap();
    const tell = (call, phase, more) => {
      const { id, ...asked } = open.get(call);
      write({ by: 'client', process, at: new Date().toISOString(), event: name, phase, id, ...asked, ...more });
    };
    const subscribers = {
      start(call) {
        open.set(call, { id: (calls += 1), ...said[name].invoke(call.arguments) });
        tell(call, 'invoke');
      },
      end() {},
      asyncStart() {},
      asyncEnd(call) {
        if (!call.error) tell(call, 'ok', said[name].ok(call.result));
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
