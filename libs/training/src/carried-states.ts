import { tf } from './engines/tfjs';
import type { States } from './tasks/task';

/**
 * The detached states that windows start from. TBPTT(k1, k2) recomputes k2/k1 windows' worth of steps, so it starts from the
 * state saved that many updates ago (Williams & Peng 1990); with k1 = k2 from the last one.
 */
export class CarriedStates {
  /** The youngest last, at most `age` of them. */
  private saved: States[] = [];

  /** `age` 0 starts every window from zeros. */
  constructor(private readonly age: number) {}

  /**
   * The states to start from, given for each lane how many windows of its pass lie behind it: zeros for a lane that has not
   * that many. What is returned lives in the surrounding tidy, or here.
   */
  before(windows: readonly number[], zeros: States): States {
    const carried = windows.map((behind) => this.age > 0 && behind >= this.age);
    if (!carried.includes(true)) return zeros;
    const oldest = this.saved[0]!;
    if (!carried.includes(false)) return oldest;
    return oldest.map((layers, index) =>
      layers.map((state, layer) => {
        const mask = tf.tile(tf.tensor(carried.map(Number), [carried.length, 1, 1], 'int32'), [
          1,
          ...state.shape.slice(1),
        ]);
        return tf.where(tf.cast(mask, 'bool'), state, zeros[index]![layer]!);
      }),
    );
  }

  /** Remembers the states after a window, and owns them from here on. */
  save(states: States): void {
    this.saved.push(states);
    if (this.saved.length > this.age) tf.dispose(this.saved.shift()!);
  }

  /** Goes on with some of the lanes only. */
  keepLanes(gather: (tensor: States[number][number]) => States[number][number]): void {
    const before = this.saved;
    this.saved = before.map((states) => states.map((layers) => layers.map(gather)));
    tf.dispose(before);
  }

  dispose(): void {
    tf.dispose(this.saved);
    this.saved = [];
  }
}
