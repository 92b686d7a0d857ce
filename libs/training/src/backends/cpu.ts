import { registerRecurrentKernels } from '../nn/recurrent-kernels';
import { processorRoom } from './engine/device-memory';
import type { Engine, EngineLoader } from './engine/engine';
import { registerLookupGradient } from '../functional/embedding-gradient';
import { backendAs, tf, type TensorInfo } from '../tensor/tfjs';

/** The internals of TensorFlow.js' cpu backend that are used here. */
interface CpuBackend {
  data: { get(dataId: object): { values: Float32Array | Int32Array } };
  makeTensorInfo(shape: number[], dtype: 'float32', values: Float32Array): TensorInfo;
}

async function open(): Promise<Engine> {
  await tf.setBackend('cpu');
  const backend = backendAs<CpuBackend>();
  registerLookupGradient('cpu', {
    readValues: ({ dataId }) => backend.data.get(dataId).values,
    allocate: (shape) => backend.makeTensorInfo(shape, 'float32', new Float32Array(tf.util.sizeFromShape(shape))),
  });
  registerRecurrentKernels('cpu');
  return {
    name: 'cpu',
    device: 'CPU, plain JavaScript',
    codePath: 'composite',
    synchronous: true,
    room: processorRoom(),
    memory: () => ({ tensors: tf.memory().numTensors, bytes: tf.memory().numBytes }),
  };
}

export const cpu: EngineLoader = { name: 'cpu', open, remedy: 'none is needed: it is always available' };
