import { tf, type Tensor } from '../tensor/tfjs';
import type { Targets } from '../losses/cross-entropy';
import { withTokenDropout, withTokenDropoutThere } from './augmentation';
import { deviceWindows, type DeviceWindows } from './device-windows';
import type { LanePosition } from './lane-position';
import { windowArrays, windowCount, type Streams, type Window, type WindowArrays } from './streams';

/** Windows of streams, one of each lane; the tensors belong to the surrounding tidy. */
export interface WindowBatch extends Targets {
  /** int32 [lane, time, batch] */
  ids: Tensor;
  /** Steps that count, bool [lane, time, batch]; undefined where all do. */
  steps?: Tensor | undefined;
  /** Number of first steps without a loss. */
  context: number;
}

/** Reads windows of streams, on the device where it has a kernel for that. Owns its copies on the device until `dispose`. */
export class WindowBatches {
  private readonly onDevice = new Map<Streams, DeviceWindows | undefined>();

  /** `vocabulary`: how many tokens there are. */
  constructor(private readonly vocabulary: number) {}

  /** The windows that lanes train on, for their mean losses. */
  training(streams: Streams, window: Window, positions: readonly LanePosition[]): WindowBatch {
    const perPass = windowCount(streams, window);
    const indices = positions.map(({ update }) => (update - 1) % perPass);
    const found = this.deviceWindows(streams, window)?.at(indices);
    const ids = found && withTokenDropoutThere(found.ids, positions, this.vocabulary);
    if (ids) return completeBatch({ ...found, ids }, window, 'mean');
    const arrays = windowArrays(streams, window, indices);
    const changed = withTokenDropout(arrays.ids, positions, this.vocabulary);
    return toBatch({ ...arrays, ids: changed }, streams, window, 'mean');
  }

  /** Window `index`, the same for every lane, for sums of losses; and how many targets it has. */
  held(streams: Streams, window: Window, index: number, lanes: number): { count: number; batch: WindowBatch } {
    const indices = Array<number>(lanes).fill(index);
    const found = this.deviceWindows(streams, window)?.at(indices);
    if (found) return { count: streams.batch * window.scored, batch: completeBatch(found, window, 'sum') };
    const arrays = windowArrays(streams, window, indices);
    return { count: arrays.counts[0]!, batch: toBatch(arrays, streams, window, 'sum') };
  }

  dispose(): void {
    this.onDevice.forEach((windows) => windows?.dispose());
  }

  private deviceWindows(streams: Streams, window: Window): DeviceWindows | undefined {
    if (!this.onDevice.has(streams)) this.onDevice.set(streams, deviceWindows(streams, window));
    return this.onDevice.get(streams);
  }
}

/** Windows that are on the device, in which every step and every target counts. */
function completeBatch(
  { ids, classes }: { ids: Tensor; classes: Tensor },
  { context }: Window,
  loss: 'mean' | 'sum',
): WindowBatch {
  const [lanes, n] = classes.shape as [number, number];
  return { ids, classes, valid: undefined, weight: tf.fill([lanes, 1], loss === 'mean' ? 1 / n : 1), context };
}

/** Windows as tensors. */
function toBatch(
  { ids, classes, valid, counts, steps }: WindowArrays,
  { batch }: Streams,
  window: Window,
  loss: 'mean' | 'sum',
): WindowBatch {
  const lanes = counts.length;
  const length = window.context + window.scored;
  const n = window.scored * batch;
  return {
    ids: tf.tensor3d(ids, [lanes, length, batch], 'int32'),
    classes: tf.tensor2d(classes, [lanes, n], 'int32'),
    valid: counts.every((count) => count === n) ? undefined : tf.tensor2d(valid, [lanes, n], 'bool'),
    weight: tf.tensor2d(
      Float32Array.from(counts, (count) => (loss === 'mean' ? 1 / count : 1)),
      [lanes, 1],
    ),
    steps: steps && tf.tensor3d(steps, [lanes, length, batch], 'bool'),
    context: window.context,
  };
}
