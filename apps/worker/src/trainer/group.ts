import { modelName, type ArtifactStore } from '@unroll/artifacts';
import type { TrialOutcome } from '@unroll/contracts';
import { DatasetError, toReading } from '@unroll/datasets';
import {
  CheckpointUnreadable,
  laneMemory,
  laneNeeds,
  lanesThatFit,
  modelFile,
  PrecisionUnavailable,
  toModel,
  readModel,
  requireRoom,
  TooLarge,
  initialWeights,
  train,
  type Engine,
  type LaneRequest,
  type LaneResult,
} from '@unroll/training';
import { buffer } from 'node:stream/consumers';
import { CheckpointWriter, loadCheckpoint } from './checkpoints';
import { DataMissing, prepareData } from './prepared-data';
import { startVectors } from './start-vectors';
import { outOfMemory, type JoinCommand, type Lane, type Released, type TrainCommand } from './protocol';
import { send } from './send';

/** Characters of the sample that a network writes at each report. */
const sampleLength = 72;
/** What a lane takes at least, of those whose needs are noted: every device that trains holds several times as much. */
const notedBytes = 250e6;
/** Milliseconds between two progress messages. */
const progressInterval = 200;
/** Milliseconds between two looks at how much memory is in use. */
const memoryInterval = 1000;

/** By attempt; removed when the attempt ends, so that each ends once. */
const aborts = new Map<string, AbortController>();
const draining = new AbortController();

/** The group in training, and the lanes that wait to join it. */
interface Group {
  command: TrainCommand;
  arrivals: LaneRequest[];
  toRequest: (lane: LoadedLane) => LaneRequest;
}

/** A lane with the checkpoint that it continues from, if any. */
interface LoadedLane {
  lane: Lane;
  checkpoint: LaneRequest['checkpoint'];
}

let current: Group | undefined;

/** Ends lanes after the update under way: a stopping rule pruned them, or they were cancelled. */
export function stopLanes(attemptIds: readonly string[]): void {
  for (const id of attemptIds) aborts.get(id)?.abort();
}

/** Ends all groups, this one and later ones, after a checkpoint of every lane. */
export function drain(): void {
  draining.abort();
}

/** Adds lanes to the group in training. If it has ended, nothing is added: the worker learns of the end by the message `done`. */
export async function join(command: JoinCommand, store: ArtifactStore): Promise<void> {
  const group = current;
  if (group?.command.groupId !== command.groupId) return;
  for (const { attemptId } of command.lanes) aborts.set(attemptId, new AbortController());
  group.command.lanes.push(...command.lanes);
  try {
    const loaded = await loadLanes(command, store);
    group.arrivals.push(...loaded.map(group.toRequest));
  } catch (error) {
    const ids = command.lanes.map(({ attemptId }) => attemptId);
    release(command.groupId, ids, { state: 'released', message: errorMessage(error), alone: true });
  }
}

/** Trains a group until all of its lanes have ended, then sends `done`. */
export async function trainGroup(command: TrainCommand, engine: Engine, store: ArtifactStore): Promise<void> {
  const { groupId, lanes } = command;
  for (const { attemptId } of lanes) aborts.set(attemptId, new AbortController());
  try {
    await trainLanes(command, engine, store);
  } catch (error) {
    fail(command, error);
  }
  current = undefined;
  for (const { attemptId } of lanes) aborts.delete(attemptId);
  send({ type: 'done', groupId });
}

async function trainLanes(command: TrainCommand, engine: Engine, store: ArtifactStore): Promise<void> {
  const { groupId, lanes, trainers, wanted } = command;
  const writer = new CheckpointWriter(store, command);
  const model = command.initFrom === undefined ? undefined : readModel(await buffer(await store.get(command.initFrom)));
  const { data, baselines } = prepareData(command, model);
  for (const baseline of baselines) send({ type: 'baseline', groupId, baseline });
  const progress = progressOf(groupId, engine);
  const vectors = await startVectors(command, data, () => progress(0));
  const toRequest = ({ lane: { attemptId: id, spec, until }, checkpoint }: LoadedLane): LaneRequest => {
    const initFrom = model ? initialWeights(spec, model, data) : vectors?.(spec);
    return { id, spec, until, initFrom, signal: aborts.get(id)?.signal, checkpoint };
  };
  const { spec } = lanes[0]!;
  const memory = laneMemory(spec, data, engine.codePath);
  try {
    requireRoom(memory, engine);
  } catch (error) {
    // Where only a tensor is too long, no more memory would help.
    if (memory.least <= engine.room.all) throw error;
    return send({ type: 'tooLarge', groupId, needs: laneNeeds(spec, data), message: errorMessage(error) });
  }
  if (memory.bytes >= notedBytes) send({ type: 'needs', groupId, needs: laneNeeds(spec, data) });
  const most = lanesThatFit(memory, engine, { trainers, wanted });
  const requests = releaseSurplus(command, await loadLanes(command, store), most).map(toRequest);
  const arrivals: LaneRequest[] = [];
  current = { command, arrivals, toRequest };
  const finish = new LaneFinish(command, store, writer, { reading: toReading(data), fingerprint: command.fingerprint });
  if (requests.length > 0)
    await train(requests, data, {
      engine,
      sampleLength,
      onOpen: ({ evenBatches }) => send({ type: 'opened', groupId, lanes: most, evenBatches }),
      onReport: ({ id, ...report }, validationSeconds) =>
        send({ type: 'report', groupId, attemptId: id, report: { ...report, validationSeconds } }),
      onEnd: (result) => finish.begin(result),
      onUpdate: progress,
      checkpointDue: () => writer.due(),
      onCheckpoint: (id, checkpoint) => writer.write(id, checkpoint),
      arrivals: () => arrivals.splice(0),
      onRefused: (id, error) => release(groupId, [id], unreadable(error)),
      drain: draining.signal,
    });
  await finish.settled();
  endAtRung(command, writer);
}

/** Bytes that this process uses, and when it asked for them. */
let memory = { bytes: 0, at: -Infinity };

/** Asks at most every `memoryInterval`: between short groups, that would take a good part of the time. */
function bytesInUse(): number {
  const now = performance.now();
  if (now - memory.at >= memoryInterval) memory = { bytes: process.memoryUsage.rss(), at: now };
  return memory.bytes;
}

/** Tells the worker how many updates a group has made, every `progressInterval` at most: of none, that it is getting ready to. */
function progressOf(groupId: string, engine: Engine): (updates: number) => void {
  let toldAt = 0;
  return (updates) => {
    if (performance.now() - toldAt < progressInterval) return;
    toldAt = performance.now();
    const gpuMemory = engine.synchronous ? undefined : engine.memory().bytes;
    send({ type: 'progress', groupId, updates, memory: bytesInUse(), gpuMemory });
  };
}

/** Loads the checkpoints of lanes; lanes whose checkpoint cannot be loaded are released. */
async function loadLanes({ groupId, lanes }: JoinCommand | TrainCommand, store: ArtifactStore): Promise<LoadedLane[]> {
  const loaded = await Promise.all(lanes.map(async (lane) => ({ lane, ...(await loadCheckpoint(store, lane)) })));
  return loaded.flatMap((each) => {
    if ('checkpoint' in each) return [each];
    release(groupId, [each.lane.attemptId], { state: 'released', message: each.problem, forget: each.forget });
    return [];
  });
}

/** Releases lanes that do not fit in memory. They are claimed again, in groups that do. */
function releaseSurplus({ groupId }: TrainCommand, loaded: readonly LoadedLane[], most: number): readonly LoadedLane[] {
  const surplus = loaded.slice(most).map(({ lane }) => lane.attemptId);
  release(groupId, surplus, { state: 'released', message: `memory holds ${most} such lanes` });
  return loaded.slice(0, most);
}

/** Writes the models of lanes that end, beside the training of the others. */
class LaneFinish {
  private readonly pending: Promise<void>[] = [];

  constructor(
    private readonly command: TrainCommand,
    private readonly store: ArtifactStore,
    private readonly checkpoints: CheckpointWriter,
    /** What the models of all lanes say about their data. */
    private readonly about: Pick<Parameters<typeof toModel>[1], 'reading' | 'fingerprint'>,
  ) {}

  /** A model that cannot be written ends its own lane, at once; the others train on. */
  begin(result: LaneResult): void {
    const { id } = result;
    const finished = this.checkpoints
      .settled()
      .then(() => (this.checkpoints.isAtRung(id) ? undefined : this.finish(result)))
      .catch((error: unknown) =>
        release(this.command.groupId, [id], { state: 'failed', message: errorMessage(error) }),
      );
    this.pending.push(finished);
  }

  async settled(): Promise<void> {
    await Promise.all(this.pending);
  }

  private async finish(result: LaneResult): Promise<void> {
    const { groupId, lanes } = this.command;
    const { weights, weightsUpdate: _weightsUpdate, metrics: _metrics, id, state, ...rest } = result;
    const lane = lanes.find(({ attemptId }) => attemptId === id)!;
    if (state === 'interrupted') {
      const isAtRung = result.updates === lane.until;
      const message = isAtRung ? 'its checkpoint at the rung could not be written' : 'the worker was shut down';
      return release(groupId, [id], { state: 'released', message });
    }
    const outcome = { ...rest, state };
    let model: string | null = null;
    if (weights && outcome.state === 'completed') {
      const sizes = Object.values(weights).map(({ values }) => values.length);
      Object.assign(outcome, { parameters: sizes.reduce((sum, size) => sum + size, 0) });
      model = modelName(lane.trialId, id, outcome.updates);
      await this.store.put(model, modelFile(toModel(result, { ...this.about, spec: lane.spec, trial: lane.trialId })));
    }
    end(groupId, id, outcome, model);
  }
}

function end(groupId: string, attemptId: string, outcome: TrialOutcome, model: string | null = null): void {
  if (aborts.delete(attemptId)) send({ type: 'outcome', groupId, attemptId, outcome, model });
}

/** Releases attempts that this trainer cannot continue. */
function release(
  groupId: string,
  attemptIds: readonly string[],
  how: Omit<Released, 'type' | 'groupId' | 'attemptIds'>,
) {
  const open = attemptIds.filter((id) => aborts.delete(id));
  if (open.length > 0) send({ type: 'released', groupId, attemptIds: open, ...how });
}

/** Reports the lanes that have reached their rung. */
function endAtRung({ groupId }: TrainCommand, { rungs }: CheckpointWriter): void {
  const lanes = rungs.filter(({ attemptId }) => aborts.delete(attemptId));
  if (lanes.length > 0) send({ type: 'rung', groupId, lanes });
}

const unreadable = (error: CheckpointUnreadable) =>
  ({ state: 'released', message: `${error.message}: the trial starts over`, forget: true }) as const;

/**
 * An error ended the whole group. Which lane caused it shows when each trains alone; the error of a lane alone is the trial's own, and no
 * retry helps.
 */
function fail({ groupId, lanes }: TrainCommand, error: unknown): void {
  const message = errorMessage(error);
  const ids = lanes.map(({ attemptId }) => attemptId);
  // It would end each lane alone too.
  const isCommon = [DatasetError, TooLarge, PrecisionUnavailable].some((kind) => error instanceof kind);
  if (!isCommon) console.error(error);
  // The process is unusable; the worker sees its exit.
  if (!isCommon && outOfMemory.test(message)) process.exit(1);
  if (error instanceof CheckpointUnreadable) return release(groupId, ids, unreadable(error));
  if (error instanceof DataMissing) return release(groupId, ids, { state: 'released', message });
  if (lanes.length > 1 && !isCommon)
    return release(groupId, ids, {
      state: 'released',
      message: `an error in a group of ${lanes.length} lanes: ${message}`,
      alone: true,
    });
  const outcome = { state: 'failed', updates: 0, seconds: 0, stepsPerSecond: 0, message } as const;
  for (const id of ids) end(groupId, id, outcome);
}

const errorMessage = (error: unknown): string => (error instanceof Error ? error.message : String(error));
