import * as tensorflow from '@tensorflow/tfjs';
import type { Tensor, TensorInfo } from '@tensorflow/tfjs';
import type { Backend, EngineInternals, Scope } from './internals';

// Taken once: the package's own exports are getters.
const { Tensor: TensorClass, Variable } = tensorflow;

const bytesOf = ({ dtype, size }: Tensor): number =>
  dtype === 'complex64' || dtype === 'string' ? 0 : dtype === 'bool' ? size : 4 * size;

/** How tensors are made, counted and disposed. */
export class LeanTensors {
  constructor(private readonly engine: EngineInternals) {}

  trackTensor = (tensor: Tensor, backend?: Backend): void => {
    this.count(tensor, backend);
    if (!(tensor instanceof Variable)) this.track(tensor);
  };

  makeTensorFromTensorInfo = (info: TensorInfo, backend?: Backend): Tensor => {
    const tensor = this.make(info);
    this.count(tensor, backend);
    this.track(tensor);
    return tensor;
  };

  /** A tensor that no scope disposes. */
  makeKept(info: TensorInfo): Tensor {
    const tensor = this.make(info);
    tensor.kept = true;
    this.count(tensor, undefined);
    return tensor;
  }

  disposeTensor = (tensor: Tensor): void => {
    const { state } = this.engine;
    const info = state.tensorInfo.get(tensor.dataId);
    if (!info) return;
    state.numTensors--;
    if (tensor.dtype === 'string') {
      state.numStringTensors--;
      state.numBytes -= info.bytes;
    }
    state.numBytes -= bytesOf(tensor);
    if (info.backend.disposeData(tensor.dataId)) this.engine.removeDataId(tensor.dataId, info.backend);
  };

  /** Has the present scope dispose a tensor. */
  track(tensor: Tensor): void {
    const { activeScope } = this.engine.state;
    if (!activeScope) return;
    tensor.scopeId = activeScope.id;
    activeScope.track.push(tensor);
  }

  private make({ dataId, shape, dtype }: TensorInfo): Tensor {
    return new TensorClass(shape, dtype, dataId, this.engine.nextTensorId());
  }

  private count(tensor: Tensor, backend: Backend | undefined): void {
    const { state } = this.engine;
    const bytes = bytesOf(tensor);
    state.numTensors++;
    if (tensor.dtype === 'string') state.numStringTensors++;
    state.numBytes += bytes;
    if (state.tensorInfo.has(tensor.dataId)) return;
    state.numDataBuffers++;
    const { dtype, shape } = tensor;
    state.tensorInfo.set(tensor.dataId, { backend: backend ?? this.engine.backend, dtype, shape, bytes });
  }
}

/** The scopes that dispose tensors. */
export class LeanScopes {
  constructor(
    private readonly engine: EngineInternals,
    private readonly tensors: LeanTensors,
  ) {}

  startScope = (name?: string): void => {
    const { state } = this.engine;
    const scope: Scope = { track: [], name: name || 'unnamed scope', id: state.nextScopeId++ };
    state.scopeStack.push(scope);
    state.activeScope = scope;
  };

  endScope = (result?: unknown): void => {
    const { state } = this.engine;
    const scope = state.scopeStack.pop()!;
    state.activeScope = state.scopeStack.at(-1) ?? null;
    const staying = tensorsIn(result);
    const stays = memberOf(staying);
    for (const tensor of scope.track) if (!tensor.kept && !stays(tensor)) tensor.dispose();
    for (const tensor of staying) if (!tensor.kept && tensor.scopeId === scope.id) this.tensors.track(tensor);
  };

  tidy = (nameOrWork: string | (() => unknown), work?: () => unknown): unknown => {
    const [name, run] = work ? [nameOrWork as string, work] : [undefined, nameOrWork as () => unknown];
    this.engine.startScope(name);
    let result: unknown;
    try {
      result = run();
    } catch (error) {
      this.engine.endScope();
      throw error;
    }
    this.engine.endScope(result);
    return result;
  };
}

/** Results with more tensors than these are looked up in a set. */
const few = 8;

function memberOf(tensors: readonly Tensor[]): (tensor: Tensor) => boolean {
  if (tensors.length === 0) return () => false;
  const [only] = tensors;
  if (tensors.length === 1) return (tensor) => tensor === only;
  if (tensors.length <= few) return (tensor) => tensors.includes(tensor);
  const all = new Set(tensors);
  return (tensor) => all.has(tensor);
}

const none: readonly Tensor[] = [];

/** The tensors in what a scope returns, at any depth. */
function tensorsIn(result: unknown): readonly Tensor[] {
  if (result === null || typeof result !== 'object') return none;
  if (result instanceof TensorClass) return [result];
  const found: Tensor[] = [];
  gather(result, found, new Set());
  return found;
}

function gather(container: object, found: Tensor[], seen: Set<unknown>): void {
  for (const key in container) {
    const value = (container as Record<string, unknown>)[key];
    if (value === null || typeof value !== 'object' || seen.has(value)) continue;
    seen.add(value);
    if (value instanceof TensorClass) found.push(value as Tensor);
    else gather(value, found, seen);
  }
}

type Info = NonNullable<ReturnType<EngineInternals['state']['tensorInfo']['get']>>;

/** Data's ID, with what the engine knows of it. */
interface KnownData {
  info?: Info | undefined;
}

/**
 * What the engine knows of data, kept on their IDs: TensorFlow.js keeps it in a weak map, which takes many times as long, and time of the
 * garbage collector.
 */
export const infoOnIds: EngineInternals['state']['tensorInfo'] = {
  has: (dataId: KnownData) => dataId.info !== undefined,
  get: (dataId: KnownData) => dataId.info,
  set: (dataId: KnownData, info) => void (dataId.info = info),
  delete(dataId: KnownData) {
    const isThere = dataId.info !== undefined;
    dataId.info = undefined;
    return isThere;
  },
};
