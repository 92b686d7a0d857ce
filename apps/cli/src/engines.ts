import { engineNames, inWords } from '@unroll/contracts';
import { openEngine, type Engine } from '@unroll/training';
import { CommandFailed } from './errors/command-failed';

/** Opens an engine by its name. @throws CommandFailed if it is not available */
export const openNamedEngine = (name: string): Promise<Engine> =>
  // eslint-disable-next-line eslint-core/no-restricted-syntax -- openEngine refuses an unknown name with its own message
  openEngine(name as never).catch((error: Error) => {
    throw new CommandFailed(error.message, 2);
  });

/** Help text of --engine. */
export const engineChoice = inWords(['auto', ...engineNames], 'or');

/** Help text of --gpu. */
export const gpuChoice =
  'index or part of the name of a GPU listed by "unroll doctor"; "software" for a GPU emulated on the CPU';

/**
 * Chooses the GPU of this process and its children, and the engine that runs on it unless one was named.
 * @throws CommandFailed if another engine was named
 */
export function chooseGpu(gpu: string | undefined, engine: string): string {
  if (gpu === undefined) return engine;
  if (engine !== 'auto' && engine !== 'webgpu')
    throw new CommandFailed(`--gpu: needs the engine webgpu, not ${engine}; leave out one of the two options`, 2);
  process.env.UNROLL_GPU = gpu;
  return 'webgpu';
}
