import { ctcOfSequence } from '../../losses/ctc-sequence';
import { ctcKernel } from '../../tensor/kernels';
import type { VisibleMemory } from '../../functional/embedding-gradient';
import { tf, type TensorInfo } from '../../tensor/tfjs';

/**
 * Registers the kernel `Ctc` for a backend whose memory JavaScript can see: one pass over plain arrays. As tensor
 * operations the same sums take about twenty small ones per step. Does nothing if it is already registered.
 */
export function registerCtc(backendName: string, memory: VisibleMemory): void {
  if (tf.getKernel(ctcKernel, backendName)) return;
  tf.registerKernel({
    kernelName: ctcKernel,
    backendName,
    kernelFunc: ({ inputs }) => {
      const { logits, labels, labelLengths, inputLengths } = inputs as Record<string, TensorInfo>;
      const [lanes, steps, batch, classes] = logits!.shape as [number, number, number, number];
      const maximum = labels!.shape[2]!;
      const [nats, slopes] = [memory.allocate([lanes, batch]), memory.allocate(logits!.shape)];
      const floats = (info: TensorInfo) => memory.readValues(info) as Float32Array;
      const whole = (info: TensorInfo) => memory.readValues(info) as Int32Array;
      const [losses, gradient] = [floats(nats), floats(slopes)];
      const [spelt, lengths, ends] = [whole(labels!), whole(labelLengths!), whole(inputLengths!)];
      const given = floats(logits!);
      gradient.fill(0);
      for (let row = 0; row < lanes * batch; row++)
        losses[row] = ctcOfSequence({
          ...{ logits: given, slopes: gradient, classes, steps: ends[row]! },
          begin: (Math.floor(row / batch) * steps * batch + (row % batch)) * classes,
          stride: batch * classes,
          labels: spelt.subarray(row * maximum, row * maximum + lengths[row]!),
        });
      return [nats, slopes];
    },
  });
}
