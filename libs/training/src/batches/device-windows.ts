import { fitsOnDevice, hasKernel, tokenWindowsKernel } from '../tensor/kernels';
import { runKernel, tf, type Tensor } from '../tensor/tfjs';
import type { Streams, Window } from './streams';

/** Windows of streams, gathered on the device. */
export interface DeviceWindows {
  /**
   * Ids int32 [lane, context + scored, batch] and classes [lane, scored · batch]; undefined if a window extends past an end
   * of the streams.
   */
  at(indices: readonly number[]): { ids: Tensor; classes: Tensor } | undefined;
  dispose(): void;
}

/**
 * Copies the tokens of streams to the device once, so that an update copies only the numbers of its windows. Undefined
 * where the engine has no kernel for it (an engine in the processor's memory needs none), and for too many tokens to be
 * worth it.
 */
export function deviceWindows(streams: Streams, { scored, context }: Window): DeviceWindows | undefined {
  const { tokens, steps, lengths, batch } = streams;
  if (!hasKernel(tokenWindowsKernel) || !tokens || !fitsOnDevice(tokens.length)) return undefined;
  const shortest = Math.min(...lengths);
  const length = context + scored;
  let all: Tensor | undefined;
  return {
    at(indices) {
      const starts = indices.map((index) => index * scored - context);
      if (starts.some((start) => start < 0 || start + length > shortest)) return undefined;
      // Not disposed with the batch that needs it first.
      all ??= tf.keep(tf.tensor1d(Int32Array.from(tokens.read(0, tokens.length)), 'int32'));
      const inputs = { tokens: all, starts: tf.tensor1d(starts, 'int32') };
      const attributes = { stride: steps, length, batch, context };
      const [ids, classes] = runKernel(tokenWindowsKernel, inputs, attributes);
      return { ids: ids!, classes: classes! };
    },
    dispose: () => all?.dispose(),
  };
}
