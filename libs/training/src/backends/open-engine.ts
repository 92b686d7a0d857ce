import { cpu } from './cpu';
import { engineNames, type EngineName } from '@unroll/contracts';
import type { Engine, EngineLoader } from './engine/engine';
import { native } from './native/native';
import { tensorflow } from './tensorflow';
import { wasm } from './wasm/wasm';
import { webgpu } from './webgpu/webgpu';

const loaders: Record<EngineName, EngineLoader> = { tensorflow, webgpu, native, wasm, cpu };

/**
 * Opens an engine and makes it current. `auto` takes the first that is available: tensorflow on CUDA, webgpu on a GPU,
 * native, tensorflow on its CPU, wasm, cpu. Throws Error with one line if a named engine is not available.
 */
export async function openEngine(name: EngineName | 'auto'): Promise<Engine> {
  if (name !== 'auto') {
    const loader: EngineLoader | undefined = loaders[name];
    if (!loader)
      throw new Error(`there is no engine ${JSON.stringify(name)}; available: auto, ${engineNames.join(', ')}`);
    return loader.open().catch((error: Error) => {
      throw new Error(`the engine ${name} is not available: ${error.message}; remedy: ${loader.remedy}`);
    });
  }
  const onCuda = await tensorflow.open().catch(() => undefined);
  if (onCuda && !onCuda.synchronous) return onCuda;
  for (const candidate of [webgpu, native, ...(onCuda ? [tensorflow] : []), wasm, cpu]) {
    const engine = await candidate.open().catch(() => undefined);
    if (engine) return engine;
  }
  throw new Error('no engine is available, not even cpu');
}

/** What `unroll doctor` prints about an engine. */
export interface EngineDescription {
  name: EngineName;
  available: boolean;
  /** Where it is available: what it runs on. */
  device?: string;
  /** Where it is available: which implementation of the recurrent layer runs. */
  codePath?: string;
  /** Where it is not available: why, and what would help. */
  reason?: string;
  remedy?: string;
}

/** Tries every engine in the order of `auto`. The last available one is current afterwards: open the one you need. */
export async function describeEngines(): Promise<EngineDescription[]> {
  const descriptions: EngineDescription[] = [];
  for (const name of engineNames) {
    try {
      const { device, codePath } = await loaders[name].open();
      descriptions.push({ name, available: true, device, codePath });
    } catch (error) {
      descriptions.push({ name, available: false, reason: (error as Error).message, remedy: loaders[name].remedy });
    }
  }
  return descriptions;
}
