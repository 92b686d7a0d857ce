import type { Precision } from '@unroll/contracts';
import type { PreparedData } from '@unroll/datasets';
import { tf, type Tensor } from '../tensor/tfjs';
import type { OpenTask } from '../tasks/task';
import type { Lane } from './lane';
import type { LaneGroup } from './lane-group';
import type { LaneRequest } from './lane-request';
import { placesWhere, startProgress, type Progress } from './progress';
import { Entry } from './entry';
import type { TrainOptions } from './train-options';

/** Losses and norms of updates of a group, on their way back from the device. */
export interface Readings {
  updates: number;
  /** The number of the first of them, of each lane. */
  firsts: readonly number[];
  /** [update, 3, lane], or 4 where losses are scaled: `LaneGroup.advance`. */
  values: Promise<ArrayLike<number>>;
}

/** How a lane ends in a turn; undefined for a lane that continues. */
export type End = 'completed' | 'diverged' | 'cancelled' | 'interrupted' | undefined;

/** The state of a call of `train`. Owns the group and the task until `dispose`. */
export class TrainingRun {
  readonly task: OpenTask<unknown>;
  readonly group: LaneGroup;
  /** Every lane, in the order in which they entered. */
  readonly all: Progress[] = [];
  /** The lanes of the group, in its order. */
  running: Progress[] = [];
  /** Losses and norms whose reading has not begun, of each update what `LaneGroup.advance` gave. */
  waiting: Tensor[] = [];
  /** Losses and norms of the updates before those, which are being read. */
  readings: Readings | undefined;
  /** Milliseconds that reports have taken. */
  reportingTime = 0;
  /** Whether the data have a test part, of their own or held out of them. */
  readonly hasTest: boolean;
  private readonly entry: Entry;
  private ticks = 0;

  /** @throws CheckpointUnreadable where a lane cannot continue from its checkpoint */
  constructor(
    requests: readonly LaneRequest[],
    data: PreparedData,
    readonly options: TrainOptions,
    private readonly precision: Precision,
  ) {
    this.hasTest = data.test !== undefined;
    this.entry = new Entry(requests[0]!.spec, data, options.engine, precision === 'float16');
    this.task = this.entry.opened;
    this.group = this.entry.enter(requests);
    this.note(requests);
  }

  /** A lane with its place in the data and in its schedules. */
  at(place: number): { progress: Progress; lane: Lane } {
    return { progress: this.running[place]!, lane: this.group.lanes[place]! };
  }

  /**
   * Counts an update or a validation batch, and yields to the event loop: a trainer must receive a cancel, and be seen to
   * be alive.
   */
  tick = (): Promise<void> => {
    const { updates = 0, totalUpdates = 0 } = this.group.lanes[0] ?? {};
    this.options.onUpdate?.(++this.ticks, { update: updates, of: totalUpdates });
    return new Promise((resolve) => setImmediate(resolve));
  };

  /** Computes what is scaled by no loss scale, so that no small gradient is lost to float16. */
  async withoutUnderflow<Result>(work: () => Promise<Result>): Promise<Result> {
    const { precision, options } = this;
    if (precision !== 'float16') return work();
    options.engine.usePrecision?.('float32');
    try {
      return await work();
    } finally {
      options.engine.usePrecision?.(precision);
    }
  }

  /** Appends trials to the lanes that run. @throws CheckpointUnreadable where one cannot continue from its checkpoint */
  append(requests: readonly LaneRequest[]): void {
    this.group.append(this.entry.enter(requests));
    this.note(requests);
  }

  /** Drops the lanes that end. */
  drop(ends: readonly End[]): void {
    const staying = placesWhere(this.running, (_, place) => ends[place] === undefined);
    if (staying.length === this.running.length) return;
    if (staying.length > 0) this.group.keep(staying);
    this.running = staying.map((place) => this.running[place]!);
  }

  dispose(): void {
    tf.dispose(this.waiting);
    this.group.dispose();
    this.task.dispose?.();
    this.options.engine.trim?.();
  }

  private note(requests: readonly LaneRequest[]): void {
    const entered = requests.map((request) => startProgress(request, this.reportingTime));
    this.all.push(...entered);
    this.running.push(...entered);
  }
}
