import type { Block } from './checkpoint';
import { tf } from '../tensor/tfjs';
import type { States } from '../nn/parameter';

const blockName = (age: number, state: number, layer: number): string => `carried ${age} ${state} ${layer}`;

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
   * The states to start from, given how many windows of its pass each lane has done: zeros for a lane with fewer. The
   * result belongs to the surrounding tidy, or to this object.
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

  /** Saves the states after a window, and owns them from then on. */
  save(states: States): void {
    this.saved.push(states);
    if (this.saved.length > this.age) tf.dispose(this.saved.shift()!);
  }

  /** Each lane's own states as plain values, by how many updates ago (0 for the youngest), state and layer. */
  async read(lanes: number): Promise<Record<string, Block>[]> {
    const blocks = Array.from({ length: lanes }, (): Record<string, Block> => ({}));
    for (const [place, states] of this.saved.entries())
      for (const [index, layers] of states.entries())
        for (const [layer, state] of layers.entries()) {
          const values = (await state.data()) as Float32Array;
          const size = values.length / lanes;
          const name = blockName(this.saved.length - 1 - place, index, layer);
          blocks.forEach((own, lane) => {
            own[name] = { shape: state.shape.slice(1), values: values.slice(lane * size, (lane + 1) * size) };
          });
        }
    return blocks;
  }

  /** Restores what `read` gave, for lanes with as many updates or fewer: a lane never starts from states that it lacks. */
  restore(lanes: readonly Record<string, Block>[], zeros: States): void {
    const ages = Array.from({ length: this.age }, (_, age) => age).filter((age) =>
      lanes.some((own) => own[blockName(age, 0, 0)]),
    );
    this.saved = ages.reverse().map((age) =>
      zeros.map((layers, index) =>
        layers.map((zero, layer) => {
          const values = new Float32Array(zero.size);
          const size = zero.size / lanes.length;
          lanes.forEach((own, lane) => values.set(own[blockName(age, index, layer)]?.values ?? [], lane * size));
          return tf.tensor(values, zero.shape);
        }),
      ),
    );
  }

  /** Drops all lanes but some. */
  keepLanes(gather: (tensor: States[number][number]) => States[number][number]): void {
    const before = this.saved;
    this.saved = before.map((states) => states.map((layers) => layers.map(gather)));
    tf.dispose(before);
  }

  /** Appends copies of another's lanes; a lane never starts from states that it lacks. `zeros`: of both. */
  append(other: CarriedStates, zeros: { own: States; others: States }): void {
    const depth = Math.max(this.saved.length, other.saved.length);
    const at = (saved: readonly States[], place: number, none: States): States =>
      saved[place - depth + saved.length] ?? none;
    const joined = Array.from({ length: depth }, (_, place) => {
      const [own, others] = [at(this.saved, place, zeros.own), at(other.saved, place, zeros.others)];
      return own.map((layers, index) => layers.map((state, layer) => tf.concat([state, others[index]![layer]!], 0)));
    });
    this.dispose();
    this.saved = joined;
  }

  dispose(): void {
    tf.dispose(this.saved);
    this.saved = [];
  }
}
