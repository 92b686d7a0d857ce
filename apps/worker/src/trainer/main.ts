import { openArtifacts } from '@unroll/artifacts';
import type { EngineName } from '@unroll/contracts';
import { deviceMemory, openEngine } from '@unroll/training';
import { once } from 'node:events';
import { join as joinPath } from 'node:path';
import { Worker } from 'node:worker_threads';
import { drain, join, stopLanes, trainGroup } from './group';
import { deviceBrokenExitCode, type ToTrainer } from './protocol';
import { send } from './send';

/** Milliseconds between two checks that the worker lives. */
const watchInterval = 2000;

const [engineName = 'auto', artifactsUrl = ''] = process.argv.slice(2);

/** Starts the thread that ensures that this process does not outlive the worker. */
async function watchParent(): Promise<void> {
  const thread = new Worker(joinPath(__dirname, 'watch-parent.js'), {
    workerData: { parent: process.ppid, interval: watchInterval },
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2 },
  });
  thread.unref();
  await once(thread, 'message');
}

async function main(): Promise<void> {
  const store = openArtifacts(artifactsUrl);
  const engine = await openEngine(engineName as EngineName | 'auto');
  // Nothing computed from here on can be trusted: the worker reads why on the error output, and starts another process.
  void engine.broken?.then((reason) => {
    console.error(reason);
    process.exit(deviceBrokenExitCode);
  });
  let work = Promise.resolve();
  process.on('message', (message: ToTrainer) => {
    if (message.type === 'prune' || message.type === 'cancel') stopLanes(message.attemptIds);
    else if (message.type === 'drain') drain();
    else if (message.type === 'join') void join(message, store);
    else work = work.then(() => trainGroup(message, engine, store));
  });
  await watchParent();
  send({ type: 'ready', engine: engine.name, device: engine.device, memory: deviceMemory(engine) });
}

process.on('disconnect', () => process.exit(0));
// A signal to the whole process group is the worker's to handle: it asks for checkpoints first.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => undefined);
main().catch((error: unknown) => {
  send({ type: 'unavailable', message: error instanceof Error ? error.message : String(error) });
  process.exitCode = 1;
  setImmediate(() => process.disconnect());
});
