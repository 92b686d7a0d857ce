import { engineNames, inWords } from '@unroll/contracts';
import { openEngine, type Engine } from '@unroll/training';
import { CommandFailed } from './errors/command-failed';

/** The engine of that name. @throws CommandFailed where it is not available */
export const engineOf = (name: string): Promise<Engine> =>
  // eslint-disable-next-line no-restricted-syntax -- openEngine refuses an unknown name with a line of its own
  openEngine(name as never).catch((error: Error) => {
    throw new CommandFailed(error.message, 2);
  });

/** What a command's help says of --engine. */
export const engineChoice = inWords(['auto', ...engineNames], 'or');

/** What a command's help says of --gpu. */
export const gpuChoice =
  'index or part of the name of a GPU, as "unroll doctor" lists them; software for one that the CPU emulates';

/**
 * Chooses the GPU of this process and its children, and the engine that runs on it unless one was named.
 * @throws CommandFailed where another engine was named
 */
export function chooseGpu(gpu: string | undefined, engine: string): string {
  if (gpu === undefined) return engine;
  if (engine !== 'auto' && engine !== 'webgpu')
    throw new CommandFailed(`--gpu: belongs to the engine webgpu, not to ${engine}; leave out one of the two`, 2);
  process.env.UNROLL_GPU = gpu;
  return 'webgpu';
}
