import { lossScaling } from '@unroll/kernels';
import { hasKernel, lossScaleKernel } from '../tensor/kernels';
import { runKernel, tf, type Tensor } from '../tensor/tfjs';
import type { Block } from './checkpoint';

/** The name of a lane's block in a checkpoint: its scale, and the good updates since that last changed. */
const blockName = 'loss scale';

/** The state of lanes, and the norms of an update that it judged. */
interface Judged {
  /** Each [lane, 1]; `inverses` of the scales, which are powers of two. */
  scales: Tensor;
  inverses: Tensor;
  good: Tensor;
  norms: Tensor;
}

/**
 * What each lane's loss is multiplied by, so that gradients of float16 neither vanish nor overflow (Micikevicius et al. 2018), with the
 * rule of torch.amp.GradScaler: an update whose gradient is not finite is skipped, and halves the scale; 2,000 good ones in succession
 * double it. All of it stays on the device. Owns its tensors until `dispose`.
 */
export class LossScales {
  private state: Omit<Judged, 'norms'>;

  constructor(lanes: number) {
    const { first } = lossScaling;
    this.state = {
      scales: tf.fill([lanes, 1], first),
      inverses: tf.fill([lanes, 1], 1 / first),
      good: tf.zeros([lanes, 1]),
    };
  }

  /** What flows back into each loss, [lane]. */
  get scales(): Tensor {
    return tf.reshape(this.state.scales, [this.state.scales.shape[0]]);
  }

  /** The gradient [lane, length] of a scaled loss as that of the loss: exact, since scales are powers of two. */
  unscale(gradient: Tensor): Tensor {
    return tf.mul(gradient, this.state.inverses);
  }

  /**
   * Takes note of an update. `raw`: the norms of the gradient before anything was added to it, [lane, 1]; `norms`: after. Returns the
   * latter, but those of `raw` where they are not finite, which marks an update that is to be skipped.
   */
  judge(raw: Tensor, norms: Tensor): Tensor {
    const { norms: judged, ...state } = tf.tidy(() => {
      const given = { ...this.state, raw, norms };
      const { scales, inverses, good, norms: marked } = hasKernel(lossScaleKernel) ? inKernel(given) : plain(given);
      return { scales: tf.keep(scales), inverses: tf.keep(inverses), good: tf.keep(good), norms: marked };
    });
    this.replace(state);
    return judged;
  }

  /** Adds each lane's state to its blocks. */
  async read(blocks: readonly Record<string, Block>[]): Promise<void> {
    const [scales, good] = await Promise.all([this.state.scales.data(), this.state.good.data()]);
    blocks.forEach(
      (own, lane) => (own[blockName] = { shape: [2], values: Float32Array.of(scales[lane]!, good[lane]!) }),
    );
  }

  /** Restores what `read` gave; a lane without it starts anew. */
  restore(blocks: readonly (Record<string, Block> | undefined)[]): void {
    const { first } = lossScaling;
    const own = blocks.map((each) => [...(each?.[blockName]?.values ?? [first, 0])]);
    const column = (value: (own: readonly number[]) => number): Tensor => tf.tensor2d(own.map((each) => [value(each)]));
    this.replace({
      scales: column(([scale]) => scale!),
      inverses: column(([scale]) => 1 / scale!),
      good: column(([, good]) => good!),
    });
  }

  /** Keeps some of the lanes: `gather` takes their rows of a tensor. */
  keep(gather: (tensor: Tensor) => Tensor): void {
    const { scales, inverses, good } = this.state;
    this.replace({ scales: gather(scales), inverses: gather(inverses), good: gather(good) });
  }

  /** Appends copies of the states of `other`. */
  append({ state: other }: LossScales): void {
    const { scales, inverses, good } = this.state;
    this.replace({
      scales: tf.concat([scales, other.scales], 0),
      inverses: tf.concat([inverses, other.inverses], 0),
      good: tf.concat([good, other.good], 0),
    });
  }

  dispose(): void {
    tf.dispose({ ...this.state });
  }

  private replace(state: Omit<Judged, 'norms'>): void {
    this.dispose();
    this.state = state;
  }
}

type Given = Judged & { raw: Tensor };

function inKernel(given: Given): Judged {
  const [scales, inverses, good, norms] = runKernel(lossScaleKernel, { ...given }) as [Tensor, Tensor, Tensor, Tensor];
  return { scales, inverses, good, norms };
}

function plain({ scales, inverses, good, raw, norms }: Given): Judged {
  const { growth, backoff, interval, most } = lossScaling;
  const isFinite = tf.less(raw, Infinity); // a norm is positive, and no comparison holds for NaN
  const isLong = tf.greaterEqual(good, interval - 1);
  const grows = tf.logicalAnd(isLong, tf.less(scales, most));
  const changed = (values: Tensor, larger: number, smaller: number): Tensor =>
    tf.where(isFinite, tf.where(grows, tf.mul(values, larger), values), tf.mul(values, smaller));
  return {
    scales: changed(scales, growth, backoff),
    inverses: changed(inverses, 1 / growth, 1 / backoff),
    good: tf.where(tf.logicalAnd(isFinite, tf.logicalNot(isLong)), tf.add(good, 1), tf.zerosLike(good)),
    norms: tf.where(isFinite, norms, raw),
  };
}
