import { readModel } from '@unroll/training';
import { openNamedEngine } from '../engines';
import { LocalInference } from './inference';
import type { FromNetwork, ToNetwork } from './protocol';
import { clientGone, Refused } from './refused';

/** The process of a served network: it computes, so that the one that answers HTTP never waits. */

const send = (message: FromNetwork): void => void process.send?.(message);
const underWay = new Map<number, AbortController>();
let inference: LocalInference | undefined;

async function start({ file, engine: name, ...options }: Extract<ToNetwork, { type: 'start' }>): Promise<void> {
  try {
    const engine = await openNamedEngine(name);
    inference = await LocalInference.open(readModel(file), engine, options);
    send({ type: 'ready', served: inference.served });
  } catch (error) {
    send({ type: 'unavailable', message: (error as Error).message });
  }
}

/** The value that a method gives. */
function run(call: Extract<ToNetwork, { type: 'call' }>, signal: AbortSignal): Promise<unknown> {
  const own = inference!;
  const [first, second] = call.arguments as never[];
  switch (call.method) {
    case 'predict':
      return own.predict(first!);
    case 'generate':
      return own.generate(first!, (text) => send({ type: 'piece', id: call.id, text }), signal);
    case 'openSession':
      return own.openSession();
    case 'step':
      return own.step(first!, second!, signal);
    case 'endSession':
      return own.endSession(first!);
    case 'sessionCount':
      return own.sessionCount();
  }
}

async function answer(call: Extract<ToNetwork, { type: 'call' }>): Promise<void> {
  const { id } = call;
  const aborted = new AbortController();
  underWay.set(id, aborted);
  try {
    send({ type: 'result', id, value: await run(call, aborted.signal) });
  } catch (error) {
    if (error instanceof Refused)
      send({ type: 'refused', id, status: error.status, message: error.message, errors: error.errors });
    else send({ type: 'failed', id, message: (error as Error).stack ?? String(error) });
  } finally {
    underWay.delete(id);
  }
}

process.on('message', (message: ToNetwork) => {
  if (message.type === 'start') void start(message);
  else if (message.type === 'cancel') underWay.get(message.id)?.abort(clientGone());
  else void answer(message);
});
// Ctrl+C reaches all processes of a terminal: this one ends with the one that started it, which first answers what it was asked.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
process.on('disconnect', () => process.exit());
