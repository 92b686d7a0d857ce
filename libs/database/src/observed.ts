import { tracingChannel } from 'node:diagnostics_channel';

/** What a subscriber to an operation is told: how it was called, and once it has ended, what came of it. */
export interface ObservedOperation {
  arguments: readonly unknown[];
  result?: unknown;
  error?: unknown;
}

/** Names of the operations of workers that can be observed, each on the tracing channel `unroll:NAME` of `node:diagnostics_channel`. */
export const observedOperations = ['claim', 'join', 'renew', 'commit'] as const;
export type ObservedName = (typeof observedOperations)[number];

/** The channel of an operation: its measurements, its traces and the histories of the fault scenarios subscribe to it. */
const operationChannel = (name: ObservedName) => tracingChannel<ObservedOperation>(`unroll:${name}`);

/** The same operation, told to whoever subscribes to its channel. Without a subscriber it costs nothing. */
export function observed<Arguments extends unknown[], Result>(
  name: ObservedName,
  operation: (...given: Arguments) => Promise<Result>,
): (...given: Arguments) => Promise<Result> {
  const channel = operationChannel(name);
  return (...given) => {
    if (!channel.hasSubscribers) return operation(...given);
    return channel.tracePromise(() => operation(...given), { arguments: given });
  };
}

/** Calls `ended` after each call of an operation, with how it was called, what came of it, and when it began. Returns what ends that. */
export function onOperation(
  name: ObservedName,
  ended: (call: ObservedOperation, began: { milliseconds: number; date: number }) => void,
): () => void {
  const channel = operationChannel(name);
  const begun = new WeakMap<ObservedOperation, { milliseconds: number; date: number }>();
  const subscribers = {
    start: (call: ObservedOperation) => void begun.set(call, { milliseconds: performance.now(), date: Date.now() }),
    end: () => undefined,
    asyncStart: () => undefined,
    error: () => undefined,
    asyncEnd: (call: ObservedOperation) => ended(call, begun.get(call)!),
  };
  channel.subscribe(subscribers);
  return () => void channel.unsubscribe(subscribers);
}
