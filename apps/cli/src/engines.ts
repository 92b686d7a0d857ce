import { openEngine, type Engine } from '@unroll/training';
import { CommandFailed } from './command-failed';

/** The engine of that name. @throws CommandFailed where it is not there */
export const engineOf = (name: string): Promise<Engine> =>
  openEngine(name as never).catch((error: Error) => {
    throw new CommandFailed(error.message, 2);
  });

/** What a command's help says of --engine. */
export const engineChoice = 'auto, tensorflow, webgpu, native, wasm or cpu';
