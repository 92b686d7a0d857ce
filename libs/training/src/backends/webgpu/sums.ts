import { tf, type Tensor } from '../../tensor/tfjs';
import type { Programs } from './programs';

/**
 * AddN in parts: TensorFlow.js' own binds all of its inputs at once, and the device refuses a shader that binds more buffers than it
 * supports.
 */
export const webGpuSums = ({ limits }: Pick<Programs, 'limits'>) => ({
  AddN({ inputs }: { inputs: Tensor[] }): Tensor | undefined {
    const most = limits.maxStorageBuffersPerShaderStage - 1; // and the sum
    if (inputs.length <= most) return undefined;
    return tf.tidy(() => {
      let sum = tf.addN(inputs.slice(0, most));
      for (let at = most; at < inputs.length; at += most - 1) sum = tf.addN([sum, ...inputs.slice(at, at + most - 1)]);
      return sum;
    });
  },
});
