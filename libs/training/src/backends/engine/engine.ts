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
  /** Bytes that its device can hold: in all, and in one tensor. */
  readonly room: { all: number; one: number };
  /**
   * Resolves with the reason, one line, when its device is lost or its memory ran out, after which nothing that it computes can be trusted. Undefined for
   * an engine whose memory is the process's own.
   */
  readonly broken?: Promise<string> | undefined;
  /**
   * Hands what is recorded over to the device, after each update: it computes while the next one is recorded, and the update's memory is free to be taken
   * again. Undefined where nothing is recorded.
   */
  readonly submit?: (() => void) | undefined;
  /** How often anything was handed over to the device so far. */
  readonly submissions?: (() => number) | undefined;
  /** Gives back memory that is kept for tensors of sizes that may not come again; undefined where none is kept. */
  readonly trim?: (() => void) | undefined;
  /** Tensors alive, and the bytes that they take; on a GPU with what is kept to be taken again. */
  memory(): { tensors: number; bytes: number };
}

/** What an engine's folder provides: `open` throws an Error with one clear line where the engine is not there. */
export interface EngineLoader {
  readonly name: EngineName;
  open(): Promise<Engine>;
  /** What would make it available where it is not. */
  readonly remedy: string;
}
