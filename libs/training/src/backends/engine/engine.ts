import type { EngineName, Precision } from '@unroll/contracts';

/**
 * A TensorFlow.js backend with the recurrent kernels that are registered for it.
 *
 * The backend is global to the process: opening another engine makes that one current. Open one, train, then open the next;
 * never two at once.
 */
export interface Engine {
  readonly name: EngineName;
  /** What it runs on, in words. */
  readonly device: string;
  /** Which implementation of the recurrent layer runs: `composite` is plain operations. */
  readonly codePath: string;
  /** Whether reading a value back is free, because nothing runs asynchronously. */
  readonly synchronous: boolean;
  /** What the operands of its matrix products can be rounded to, that which `auto` takes first; undefined where only float32 is. */
  readonly precisions?: (() => readonly Precision[]) | undefined;
  /** Switches to another of them, for all that is computed from then on; float32 at first. Undefined where only float32 is. */
  readonly usePrecision?: ((precision: Precision) => void) | undefined;
  /** Spreads operations over so many threads, 1 to 256, with the same results. Undefined where that cannot be chosen. */
  readonly useThreads?: ((count: number) => void) | undefined;
  /** Bytes that its device can hold: in total, which may be assumed only, and in one tensor. */
  readonly room: { all: number; one: number; isAssumed?: boolean };
  /**
   * Resolves with the reason, one line, when its device is lost or refuses a command. From then on no value can be read from it: reading
   * rejects with the reason. Undefined for an engine in the process's own memory.
   */
  readonly broken?: Promise<string> | undefined;
  /**
   * Submits recorded work to the device, after each update: it computes while the next update is recorded, and the update's
   * memory can be reused. Undefined where nothing is recorded.
   */
  readonly submit?: (() => void) | undefined;
  /** The number of submissions to the device so far. */
  readonly submissions?: (() => number) | undefined;
  /** Frees memory that is kept for reuse by tensors of sizes that may not recur; undefined where none is kept. */
  readonly trim?: (() => void) | undefined;
  /** Live tensors and their bytes; on a GPU including memory that is kept for reuse. */
  memory(): { tensors: number; bytes: number };
}

/** What an engine's folder provides: `open` throws an Error with one clear line if the engine is not available. */
export interface EngineLoader {
  readonly name: EngineName;
  open(): Promise<Engine>;
  /** How to make it available. */
  readonly remedy: string;
}
