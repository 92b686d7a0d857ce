import type { VisibleMemory } from '../../functional/embedding-gradient';
import { densities } from '../../losses/densities';
import { densityKernel } from '../../tensor/kernels';
import { tf, type TensorInfo } from '../../tensor/tfjs';

/**
 * Registers the kernel `Density` for a backend whose memory JavaScript can see: one pass over plain arrays. As tensor operations, the loss
 * of Student's t and its gradient are about a hundred small ones. Does nothing if it is already registered.
 */
export function registerDensity(backendName: string, memory: VisibleMemory): void {
  if (tf.getKernel(densityKernel, backendName)) return;
  tf.registerKernel({
    kernelName: densityKernel,
    backendName,
    kernelFunc: ({ inputs, attrs }) => {
      const { outputs, target } = inputs as Record<string, TensorInfo>;
      const { perTarget, of } = densities[attrs!.name as keyof typeof densities];
      const width = target!.shape[2]!;
      const [nats, slopes] = [memory.allocate(target!.shape), memory.allocate(outputs!.shape)];
      const floats = (info: TensorInfo) => memory.readValues(info) as Float32Array;
      const [losses, gradient] = [floats(nats), floats(slopes)];
      const [given, right] = [floats(outputs!), floats(target!)];
      const numbers = new Float64Array(perTarget);
      const slope = new Float64Array(perTarget);
      right.forEach((value, index) => {
        // Of a row, the first number of all targets, then the second, ...
        const first = Math.floor(index / width) * width * perTarget + (index % width);
        for (let each = 0; each < perTarget; each++) numbers[each] = given[first + each * width]!;
        losses[index] = of(numbers, value, slope);
        for (let each = 0; each < perTarget; each++) gradient[first + each * width] = slope[each]!;
      });
      return [nats, slopes];
    },
  });
}
