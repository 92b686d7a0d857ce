import { cpu } from './cpu';
import { engineNames, type EngineName } from '@unroll/contracts';
import type { Engine, EngineLoader } from './engine/engine';
import { native } from './native/native';
import { tensorflow } from './tensorflow';
import { wasm } from './wasm/wasm';
import { webgpu } from './webgpu/webgpu';

const loaders: Record<EngineName, EngineLoader> = { tensorflow, webgpu, native, wasm, cpu };

type Opened = Pick<Engine, 'name' | 'synchronous'>;

/** The order of `auto`. TensorFlow goes first on CUDA; on a CPU it takes three times as long as `native`. */
const preferences: readonly { name: EngineName; suits?: (engine: Opened) => boolean }[] = [
  { name: 'tensorflow', suits: ({ synchronous }) => !synchronous },
  ...(['webgpu', 'native', 'tensorflow', 'wasm', 'cpu'] as const).map((name) => ({ name })),
];

/** The engine that `auto` takes, of those that `open` gives; it is asked for one after the other, and gives undefined for an absent one. */
export async function preferred<Each extends Opened>(
  open: (name: EngineName) => Promise<Each | undefined>,
): Promise<Each | undefined> {
  for (const { name, suits } of preferences) {
    const engine = await open(name);
    if (engine && (suits?.(engine) ?? true)) return engine;
  }
  return undefined;
}

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
  const engine = await preferred((each) => loaders[each].open().catch(() => undefined));
  if (!engine) throw new Error('no engine is available, not even cpu');
  return engine;
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

/**
 * Tries every engine. `auto`: the one that it takes. The last available one is current afterwards: open the one you need.
 */
export async function describeEngines(): Promise<{ engines: EngineDescription[]; auto: EngineName | undefined }> {
  const engines: EngineDescription[] = [];
  const opened = new Map<EngineName, Engine>();
  for (const name of engineNames) {
    try {
      const engine = await loaders[name].open();
      opened.set(name, engine);
      engines.push({ name, available: true, device: engine.device, codePath: engine.codePath });
    } catch (error) {
      engines.push({ name, available: false, reason: (error as Error).message, remedy: loaders[name].remedy });
    }
  }
  const auto = await preferred((name) => Promise.resolve(opened.get(name)));
  return { engines, auto: auto?.name };
}
