import { openArtifacts } from '@unroll/artifacts';
import type { EngineName } from '@unroll/contracts';
import { openEngine, writeText } from '@unroll/training';
import { once } from 'node:events';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { FromWriter, ToWriter, WriteCommand } from './protocol';
import { WarmModels } from './warm-models';

/** Milliseconds between two checks that the worker lives. */
const watchInterval = 2000;
/** Milliseconds of writing after which messages are read. */
const longestTurn = 20;
/** Engines of a processor, the fastest first: the memory of a GPU is the trainers'. */
const engines = ['native', 'wasm', 'cpu'] as const satisfies readonly EngineName[];

const [engineName = 'auto', artifactsUrl = ''] = process.argv.slice(2);

const send = (message: FromWriter): void => void (process.connected && process.send?.(message));

/** Nobody waits for the text any longer. */
class Stopped extends Error {}

/** The command that is being carried out, unless it was stopped. */
let current: string | undefined;

async function write({ id, model: name, body }: WriteCommand, models: WarmModels): Promise<void> {
  current = id;
  try {
    let readAt = performance.now();
    await writeText(await models.open(name), body, async (piece) => {
      if (piece) send({ type: 'piece', id, piece });
      if (performance.now() - readAt < longestTurn) return;
      await turn();
      readAt = performance.now();
      if (current !== id) throw new Stopped();
    });
    send({ type: 'end', id });
  } catch (error) {
    send({ type: 'end', id, ...(error instanceof Stopped ? {} : { message: oneLine(error) }) });
  }
}

const oneLine = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split('\n')[0]!;

/** The worker's engine where it runs on the processor, or else the fastest that does. */
async function openOnProcessor(): Promise<void> {
  const named = engines.find((each) => each === engineName);
  let refusal: unknown;
  for (const name of named ? [named] : engines) {
    try {
      await openEngine(name);
      return;
    } catch (error) {
      refusal = error;
    }
  }
  throw refusal;
}

async function main(): Promise<void> {
  const models = new WarmModels(openArtifacts(artifactsUrl));
  await openOnProcessor();
  let work = Promise.resolve();
  process.on('message', (message: ToWriter) => {
    if (message.type === 'write') work = work.then(() => write(message, models));
    else if (current === message.id) current = undefined;
  });
  const thread = new Worker(join(__dirname, '..', 'trainer', 'watch-parent.js'), {
    workerData: { parent: process.ppid, interval: watchInterval },
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2 },
  });
  thread.unref();
  await once(thread, 'message');
  send({ type: 'ready' });
}

process.on('disconnect', () => process.exit(0));
// A signal to the whole process group is the worker's to handle.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => undefined);
main().catch((error: unknown) => {
  send({ type: 'unavailable', message: oneLine(error) });
  process.exitCode = 1;
  process.disconnect();
});
