/** The engines that this build knows, in the order in which they are listed. */
export const engineNames = ['tensorflow', 'webgpu', 'native', 'wasm', 'cpu'] as const;
export type EngineName = (typeof engineNames)[number];

/**
 * Where tensors live: a TensorFlow.js backend with the recurrent kernels that are registered for it.
 *
 * The backend is global to the process: opening another engine makes that one current. Open one, train, then open the
 * next; never two at once.
 */
export interface Engine {
  readonly name: EngineName;
  /** What it runs on, in words. */
  readonly device: string;
  /** Which implementation of the recurrent layer runs: `composite` is plain operations. */
  readonly codePath: string;
  /** Whether reading a value back costs nothing, because nothing runs asynchronously. */
  readonly synchronous: boolean;
  /** Tensors alive, and the bytes that they take. */
  memory(): { tensors: number; bytes: number };
}

/** What an engine's folder provides: `open` throws an Error with one clear line where the engine is not there. */
export interface EngineLoader {
  readonly name: EngineName;
  open(): Promise<Engine>;
  /** What would make it available where it is not. */
  readonly remedy: string;
}
