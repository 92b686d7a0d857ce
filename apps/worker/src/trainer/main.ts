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
  CheckpointUnreadable,
  laneMemory,
  lanesThatFit,
  modelFile,
  toModel,
  openEngine,
  readModel,
  inheritedReading,
  initialWeights,
  train,
  type Engine,
  type LaneRequest,
  type LaneResult,
  type Model,
} from '@unroll/training';
import type { TrialOutcome } from '@unroll/contracts';
import { once } from 'node:events';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { Worker } from 'node:worker_threads';
import { CheckpointWriter, loadCheckpoint } from './checkpoints';
import {
  brokenDevice,
  memoryRanOut,
  type DataPlace,
  type FromTrainer,
  type GaveUp,
  type JoinCommand,
  type Lane,
  type ToTrainer,
  type TrainCommand,
} from './protocol';

/** Characters that a network writes at each report. */
const sampleLength = 72;
/** Milliseconds between two signs of progress. */
const progressInterval = 200;
/** Prepared data sets that are kept. */
const keptDatasets = 4;
/** Milliseconds between two looks whether the worker lives. */
const watchInterval = 2000;

const [engineName = 'auto', artifactsUrl = ''] = process.argv.slice(2);

function say(message: FromTrainer): void {
  if (process.connected) process.send?.(message);
}

const aborts = new Map<string, AbortController>();
const drain = new AbortController();
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
  const reading = model && inheritedReading(spec, model);
  const found = prepared.get(key) ?? prepare(sourceOf(data, dataset), { dataset, task, reading });
  prepared.delete(key);
  prepared.set(key, found);
  for (const oldest of [...prepared.keys()].slice(0, -keptDatasets)) prepared.delete(oldest);
  return found;
}

/** What all lanes of a group have read, for the models that they leave. */
type About = Pick<Parameters<typeof toModel>[1], 'reading' | 'fingerprint'>;

async function finish(
  store: ArtifactStore,
  groupId: string,
  lane: Lane,
  result: LaneResult,
  about: About,
): Promise<void> {
  const { weights, weightsOf: _weightsOf, metrics: _metrics, id: _id, state, ...rest } = result;
  if (state === 'interrupted') {
    const isAtRung = result.updates === lane.until;
    const message = isAtRung ? 'its state at the rung could not be written' : 'the worker was shut down';
    return giveUp(groupId, [lane.attemptId], { state: 'released', message });
  }
  const outcome = { ...rest, state };
  let checkpoint: string | null = null;
  if (weights && outcome.state === 'completed') {
    const sizes = Object.values(weights).map(({ values }) => values.length);
    Object.assign(outcome, { parameters: sizes.reduce((sum, size) => sum + size, 0) });
    checkpoint = checkpointName(lane.trialId, lane.attemptId, outcome.updates);
    await store.put(checkpoint, modelFile(toModel(result, { ...about, spec: lane.spec, trial: lane.trialId })));
  }
  end(groupId, lane.attemptId, outcome, checkpoint);
}

function end(groupId: string, attemptId: string, outcome: TrialOutcome, checkpoint: string | null = null): void {
  if (aborts.delete(attemptId)) say({ type: 'outcome', groupId, attemptId, outcome, checkpoint });
}

/** Lanes that this trainer cannot go on with. */
function giveUp(groupId: string, attemptIds: readonly string[], how: Omit<GaveUp, 'type' | 'groupId' | 'attemptIds'>) {
  const open = attemptIds.filter((id) => aborts.delete(id));
  if (open.length > 0) say({ type: 'gaveUp', groupId, attemptIds: open, ...how });
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** A lane with the checkpoint that it goes on from. */
interface Ready {
  lane: Lane;
  checkpoint: LaneRequest['checkpoint'];
}

/** The lanes that can be trained, with the checkpoints that they go on from; the others are given up. */
async function loadLanes({ groupId, lanes }: JoinCommand | TrainCommand, store: ArtifactStore): Promise<Ready[]> {
  const loaded = await Promise.all(lanes.map(async (lane) => ({ lane, ...(await loadCheckpoint(store, lane)) })));
  return loaded.flatMap((each) => {
    if ('checkpoint' in each) return [each];
    giveUp(groupId, [each.lane.attemptId], { state: 'released', message: each.problem, forget: each.forget });
    return [];
  });
}

/** The group that is trained, with the lanes that wait to join it, and what makes a request of one. */
let current: { command: TrainCommand; arriving: LaneRequest[]; requestOf: (ready: Ready) => LaneRequest } | undefined;

/** Takes more lanes for the group that is trained. One that has ended takes none, and the worker hears of its end. */
async function admit(command: JoinCommand, store: ArtifactStore): Promise<void> {
  const group = current;
  if (group?.command.groupId !== command.groupId) return;
  for (const { attemptId } of command.lanes) aborts.set(attemptId, new AbortController());
  group.command.lanes.push(...command.lanes);
  try {
    const ready = await loadLanes(command, store);
    group.arriving.push(...ready.map(group.requestOf));
  } catch (error) {
    const ids = command.lanes.map(({ attemptId }) => attemptId);
    giveUp(command.groupId, ids, { state: 'released', message: messageOf(error), alone: true });
  }
}

/** Lanes that do not fit into the memory go back: they are claimed again, as so many fit. */
function withoutSurplus({ groupId }: TrainCommand, ready: readonly Ready[], most: number): readonly Ready[] {
  const surplus = ready.slice(most).map(({ lane }) => lane.attemptId);
  giveUp(groupId, surplus, { state: 'released', message: `the memory holds ${most} lanes of its kind` });
  return ready.slice(0, most);
}

async function trainGroup(command: TrainCommand, engine: Engine, store: ArtifactStore): Promise<void> {
  const { groupId, lanes, trainers, wanted } = command;
  for (const { attemptId } of lanes) aborts.set(attemptId, new AbortController());
  const laneOf = (id: string): Lane => lanes.find(({ attemptId }) => attemptId === id)!;
  const writer = new CheckpointWriter(store, command, say);
  let last = 0;
  try {
    const model = command.start === undefined ? undefined : readModel(await buffer(await store.get(command.start)));
    const { data, baselines } = preparedFor(command, model);
    const about = { reading: readingOf(data), fingerprint: command.fingerprint };
    for (const baseline of baselines) say({ type: 'baseline', groupId, baseline });
    const finished: Promise<void>[] = [];
    const arriving: LaneRequest[] = [];
    const requestOf = ({ lane: { attemptId: id, spec, until }, checkpoint }: Ready): LaneRequest => {
      return {
        id,
        spec,
        until,
        initFrom: model && initialWeights(spec, model, data),
        signal: aborts.get(id)?.signal,
        checkpoint,
      };
    };
    const memory = laneMemory(lanes[0]!.spec, data, engine.codePath);
    const most = lanesThatFit(memory, engine, { trainers, wanted });
    const requests = withoutSurplus(command, await loadLanes(command, store), most).map(requestOf);
    current = { command, arriving, requestOf };
    if (requests.length > 0)
      await train(requests, data, {
        engine,
        sampleLength,
        onOpen: ({ evenBatches }) => say({ type: 'opened', groupId, lanes: most, evenBatches }),
        onReport: ({ id, ...report }) => say({ type: 'report', groupId, attemptId: id, report }),
        // Its neighbours train on: a weight file that cannot be written ends its own lane, at once.
        onEnd: (result) =>
          void finished.push(
            writer
              .settled()
              .then(async () => {
                if (!writer.isAtRung(result.id)) await finish(store, groupId, laneOf(result.id), result, about);
              })
              .catch((error: unknown) => giveUp(groupId, [result.id], { state: 'failed', message: messageOf(error) })),
          ),
        onUpdate: (updates) => {
          if (performance.now() - last < progressInterval) return;
          last = performance.now();
          say({ type: 'progress', groupId, updates, memory: process.memoryUsage.rss() });
        },
        checkpointDue: () => writer.due(),
        onCheckpoint: (id, checkpoint) => writer.write(id, checkpoint),
        arrivals: () => arriving.splice(0),
        onRefused: (id, error) => giveUp(groupId, [id], unreadable(error)),
        drain: drain.signal,
      });
    await Promise.all(finished);
    endAtRung(command, writer);
  } catch (error) {
    fail(command, error);
  }
  current = undefined;
  for (const { attemptId } of lanes) aborts.delete(attemptId);
  say({ type: 'done', groupId });
}

/** Says which lanes have come to their rung. */
function endAtRung({ groupId }: TrainCommand, { rungs }: CheckpointWriter): void {
  const lanes = rungs.filter(({ attemptId }) => aborts.delete(attemptId));
  if (lanes.length > 0) say({ type: 'rung', groupId, lanes });
}

const unreadable = (error: CheckpointUnreadable) =>
  ({ state: 'released', message: `${error.message}: the trial begins anew`, forget: true }) as const;

/** The whole group ended by an error. Whose it was shows when each lane is alone; alone, it is the trial's own, and no retry mends it. */
function fail({ groupId, lanes }: TrainCommand, error: unknown): void {
  const message = messageOf(error);
  const ids = lanes.map(({ attemptId }) => attemptId);
  if (!(error instanceof DatasetError)) console.error(error);
  // The process is of no more use, and its end tells the worker.
  if (memoryRanOut.test(message)) process.exit(1);
  if (error instanceof CheckpointUnreadable) return giveUp(groupId, ids, unreadable(error));
  if (lanes.length > 1 && !(error instanceof DatasetError))
    return giveUp(groupId, ids, {
      state: 'released',
      message: `an error among ${lanes.length}: ${message}`,
      alone: true,
    });
  const outcome = { state: 'failed', updates: 0, seconds: 0, stepsPerSecond: 0, message } as const;
  for (const id of ids) end(groupId, id, outcome);
}

/** Starts the thread that sees to it that this process does not outlive the worker. */
async function watchParent(): Promise<void> {
  const thread = new Worker(join(__dirname, 'watch-parent.js'), {
    workerData: { parent: process.ppid, every: watchInterval },
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2 },
  });
  thread.unref();
  await once(thread, 'message');
}

async function main(): Promise<void> {
  const store = openArtifacts(artifactsUrl);
  const engine = await openEngine(engineName as never);
  // Nothing that it computes can be trusted: the worker hears why, and starts another process.
  void engine.broken?.then((reason) => {
    console.error(reason);
    process.exit(brokenDevice);
  });
  let work = Promise.resolve();
  process.on('message', (message: ToTrainer) => {
    if (message.type === 'cancel') for (const id of message.attemptIds) aborts.get(id)?.abort();
    else if (message.type === 'drain') drain.abort();
    else if (message.type === 'join') void admit(message, store);
    else work = work.then(() => trainGroup(message, engine, store));
  });
  await watchParent();
  say({ type: 'ready', engine: engine.name, device: engine.device });
}

process.on('disconnect', () => process.exit(0));
// A signal to the whole machine is the worker's to hear: it asks for checkpoints first.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => undefined);
main().catch((error: unknown) => {
  say({ type: 'unavailable', message: error instanceof Error ? error.message : String(error) });
  process.exitCode = 1;
  process.disconnect();
});
