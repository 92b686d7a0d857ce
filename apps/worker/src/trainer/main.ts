import { checkpointName, openArtifacts, type ArtifactStore } from '@unroll/artifacts';
import {
  builtIns,
  DatasetError,
  prepare,
  readingOf,
  type BuiltInOptions,
  type DataSource,
  type Prepared,
} from '@unroll/datasets';
import {
  modelFile,
  modelOf,
  openEngine,
  readModel,
  startReading,
  startWeights,
  train,
  type Engine,
  type LaneResult,
  type Model,
} from '@unroll/training';
import { buffer } from 'node:stream/consumers';
import type { DataPlace, FromTrainer, Lane, ToTrainer, TrainCommand } from './protocol';

/** Characters that a network writes at each report. */
const sampleLength = 72;
/** Milliseconds between two signs of progress. */
const progressInterval = 200;
/** Prepared data sets that are kept. */
const keptDatasets = 4;

const [engineName = 'auto', artifactsUrl = ''] = process.argv.slice(2);

function say(message: FromTrainer): void {
  if (process.connected) process.send?.(message);
}

const aborts = new Map<string, AbortController>();
const prepared = new Map<string, Prepared>();

function sourceOf(place: DataPlace, options: BuiltInOptions): DataSource {
  if ('path' in place) return place;
  const builtIn = builtIns.find(({ name }) => name === place.builtIn);
  if (!builtIn) throw new DatasetError(`this worker has no built-in data set ${place.builtIn}: update it`);
  return { kind: builtIn.kind, bytes: builtIn.read(options) };
}

function preparedFor({ fingerprint, data, lanes, start }: TrainCommand, model: Model | undefined): Prepared {
  const { spec } = lanes[0]!;
  const { dataset, task } = spec;
  const key = JSON.stringify([fingerprint, dataset, task, start, spec.training.start?.replaceHead]);
  const reading = model && startReading(spec, model);
  const found = prepared.get(key) ?? prepare(sourceOf(data, dataset), { dataset, task, reading });
  prepared.delete(key);
  prepared.set(key, found);
  for (const oldest of [...prepared.keys()].slice(0, -keptDatasets)) prepared.delete(oldest);
  return found;
}

/** What all lanes of a group have read, for the models that they leave. */
type About = Pick<Parameters<typeof modelOf>[1], 'reading' | 'fingerprint'>;

async function finish(
  store: ArtifactStore,
  groupId: string,
  lane: Lane,
  result: LaneResult,
  about: About,
): Promise<void> {
  const { weights, weightsOf: _weightsOf, metrics: _metrics, id: _id, ...outcome } = result;
  let checkpoint: string | null = null;
  if (weights && outcome.state === 'completed') {
    checkpoint = checkpointName(lane.trialId, lane.attemptId, outcome.updates);
    await store.put(checkpoint, modelFile(modelOf(result, { ...about, spec: lane.spec, trial: lane.trialId })));
  }
  aborts.delete(lane.attemptId);
  say({ type: 'outcome', groupId, attemptId: lane.attemptId, outcome, checkpoint });
}

/** A lane without a result, and why. */
function fail(groupId: string, attemptId: string, error: unknown): void {
  if (!aborts.delete(attemptId)) return;
  const message = error instanceof Error ? error.message : String(error);
  const outcome = { state: 'failed', updates: 0, seconds: 0, stepsPerSecond: 0, message } as const;
  say({ type: 'outcome', groupId, attemptId, outcome, checkpoint: null });
}

async function trainGroup(command: TrainCommand, engine: Engine, store: ArtifactStore): Promise<void> {
  const { groupId, lanes } = command;
  for (const { attemptId } of lanes) aborts.set(attemptId, new AbortController());
  const byId = new Map(lanes.map((lane) => [lane.attemptId, lane]));
  let last = 0;
  try {
    const model = command.start === undefined ? undefined : readModel(await buffer(await store.get(command.start)));
    const { data, baselines } = preparedFor(command, model);
    const about = { reading: readingOf(data), fingerprint: command.fingerprint };
    for (const baseline of baselines) say({ type: 'baseline', groupId, baseline });
    const finished: Promise<void>[] = [];
    await train(
      lanes.map(({ attemptId, spec }) => ({
        id: attemptId,
        spec,
        start: model && startWeights(spec, model, data),
        signal: aborts.get(attemptId)!.signal,
      })),
      data,
      {
        engine,
        sampleLength,
        onReport: ({ id, ...report }) => say({ type: 'report', groupId, attemptId: id, report }),
        // Its neighbours train on: a weight file that cannot be written fails its own lane, at once.
        onEnd: (result) =>
          void finished.push(
            finish(store, groupId, byId.get(result.id)!, result, about).catch((error: unknown) =>
              fail(groupId, result.id, error),
            ),
          ),
        onUpdate: (updates) => {
          if (performance.now() - last < progressInterval) return;
          last = performance.now();
          say({ type: 'progress', groupId, updates });
        },
      },
    );
    await Promise.all(finished);
  } catch (error) {
    if (!(error instanceof DatasetError)) console.error(error);
    for (const { attemptId } of lanes) fail(groupId, attemptId, error);
  }
  say({ type: 'done', groupId });
}

async function main(): Promise<void> {
  const store = openArtifacts(artifactsUrl);
  const engine = await openEngine(engineName as never);
  let work = Promise.resolve();
  process.on('message', (message: ToTrainer) => {
    if (message.type === 'cancel') for (const id of message.attemptIds) aborts.get(id)?.abort();
    else work = work.then(() => trainGroup(message, engine, store));
  });
  say({ type: 'ready', engine: engine.name, device: engine.device });
}

process.on('disconnect', () => process.exit(0));
main().catch((error: unknown) => {
  say({ type: 'unavailable', message: error instanceof Error ? error.message : String(error) });
  process.exitCode = 1;
  process.disconnect();
});
