import type { KernelBackend, NamedAttrMap, Tensor, TensorInfo } from '@tensorflow/tfjs';

export type Named = Record<string, Tensor>;

/** Tensors that are disposed together. */
export interface Scope {
  track: Tensor[];
  name: string;
  id: number;
}

/** The gradients of an operation's inputs, on demand. */
export type Derived = Record<string, () => Tensor>;

/** How gradients flow back through an operation, from those of its outputs: of a single one as it is. */
export type Backward = (gradients: Tensor | Tensor[], saved: Tensor[], attributes: NamedAttrMap) => Derived;

/** An operation that was recorded. `gradient`: undefined for one without; takes undefined for an output that was not used. */
export interface TapeNode {
  id: number;
  kernelName: string;
  inputs: Named;
  outputs: Tensor[];
  saved: Tensor[];
  gradient?: (gradients: (Tensor | undefined)[]) => Derived;
}

export type Backend = KernelBackend;

/** What the engine counts and records. */
export interface EngineState {
  activeTape: TapeNode[] | null;
  gradientDepth: number;
  kernelDepth: number;
  nextTapeNodeId: number;
  activeScope: Scope | null;
  scopeStack: Scope[];
  nextScopeId: number;
  profiling: boolean;
  numTensors: number;
  numStringTensors: number;
  numBytes: number;
  numDataBuffers: number;
  tensorInfo: DataMap<{ backend: Backend; dtype: string; shape: number[]; bytes: number }>;
}

/** What is known of data, by their ID. */
export interface DataMap<Value> {
  has(dataId: object): boolean;
  get(dataId: object): Value | undefined;
  set(dataId: object, value: Value): unknown;
  delete(dataId: object): boolean;
}

/** A registered kernel with its arguments, or an operation with a gradient of its own. */
export type Invocation = { inputs: Named; attrs?: NamedAttrMap | undefined } & (
  | { kernelName: string }
  | {
      forwardFunc: (backend: Backend, save: (tensors: Tensor[]) => void) => Tensor | Tensor[];
      backwardsFunc: Backward;
    }
);

/** An operation with a gradient of its own, as `tf.customGrad` takes it. */
export type WithGradient = (...given: unknown[]) => {
  value: Tensor;
  gradFunc: (gradient: Tensor, saved: Tensor[]) => Tensor | Tensor[];
};

/** The parts of the engine of TensorFlow.js 4.22 that run, record and dispose. */
export interface EngineInternals {
  state: EngineState;
  readonly backend: Backend;
  backendName: string | null;
  ENV: { getBool(name: string): boolean };
  nextTensorId(): number;
  clone(tensor: Tensor): Tensor;
  removeDataId(dataId: object, backend: Backend): void;
  runKernel(kernelName: string, inputs: Named, attrs?: NamedAttrMap): Tensor | Tensor[];
  runKernelFunc(invocation: Invocation): Tensor | Tensor[];
  makeTensor(values: ArrayBufferView | string[], shape: number[], dtype: string): Tensor;
  makeTensorFromTensorInfo(info: TensorInfo, backend?: Backend): Tensor;
  trackTensor(tensor: Tensor, backend?: Backend): void;
  disposeTensor(tensor: Tensor): void;
  startScope(name?: string): void;
  endScope(result?: unknown): void;
  tidy(nameOrWork: string | (() => unknown), work?: () => unknown): unknown;
  startTape(): void;
  endTape(): void;
  gradients(
    compute: () => Tensor,
    inputs: Tensor[],
    flowing?: Tensor | null,
    allowNone?: boolean,
  ): { value: Tensor; grads: (Tensor | undefined)[] };
  customGrad(operation: WithGradient): (...inputs: Tensor[]) => Tensor;
}
