import { openEngine, type Engine } from '@unroll/training';
import { CommandFailed } from './errors/command-failed';

/** The engine of that name. @throws CommandFailed where it is not there */
export const engineOf = (name: string): Promise<Engine> =>
  openEngine(name as never).catch((error: Error) => {
    throw new CommandFailed(error.message, 2);
  });

/** What a command's help says of --engine. */
export const engineChoice = 'auto, tensorflow, webgpu, native, wasm or cpu';

/** What a command's help says of --gpu. */
export const gpuChoice =
  'index or part of the name of the GPU, as "unroll doctor" lists them; software for a processor that plays one';

/**
 * Chooses the GPU of this process and its children, and the engine that runs on it where none was named.
 * @throws CommandFailed where another engine was named
 */
export function chooseGpu(gpu: string | undefined, engine: string): string {
  if (gpu === undefined) return engine;
  if (engine !== 'auto' && engine !== 'webgpu')
    throw new CommandFailed(`--gpu: belongs to the engine webgpu, not to ${engine}; leave out one of the two`, 2);
  process.env.UNROLL_GPU = gpu;
  return 'webgpu';
}
