import * as tensorflow from '@tensorflow/tfjs';
import type { NamedAttrMap, Tensor, TensorInfo } from '@tensorflow/tfjs';
import { leanGradients } from './gradients';
import type { Backward, EngineInternals, Invocation, Named } from './internals';
import { findGradient, findKernel } from './registry';
import { infoOnIds, LeanScopes, LeanTensors } from './tensors';

const { util } = tensorflow;

/**
 * Replaces the parts of the engine of TensorFlow.js 4.22 that run around every operation by ones that do the same with less: its own are
 * compiled for browsers of 2015, and take longer than the kernels of a small network. What is computed, counted and disposed, and in which
 * order, stays the same. So does what is recorded, except where the copies come from that an operation saves outside inner gradients: an
 * inner gradient that would need it is refused. While operations are profiled or debugged, its own run.
 */
export function makeLean(engine: EngineInternals): void {
  const runPlainly = engine.runKernelFunc.bind(engine);
  const isWatched = (): boolean => engine.state.profiling || engine.ENV.getBool('DEBUG');
  const tensors = new LeanTensors(engine);
  const runner = new Runner(engine, tensors);
  engine.state.tensorInfo = infoOnIds;
  const { trackTensor, makeTensorFromTensorInfo, disposeTensor } = tensors;
  const { startScope, endScope, tidy } = new LeanScopes(engine, tensors);
  Object.assign(engine, leanGradients(engine), {
    ...{ trackTensor, makeTensorFromTensorInfo, disposeTensor, startScope, endScope, tidy },
    runKernel: (kernelName: string, inputs: Named, attrs?: NamedAttrMap) =>
      isWatched() ? runPlainly({ kernelName, inputs, attrs }) : runner.runKernel(kernelName, inputs, attrs),
    runKernelFunc(invocation: Invocation) {
      if (isWatched()) return runPlainly(invocation);
      if ('forwardFunc' in invocation) return runner.runOwn(invocation);
      return runner.runKernel(invocation.kernelName, invocation.inputs, invocation.attrs);
    },
  });
}

/** An operation that ran, to be recorded. */
interface Ran {
  inputs: Named;
  attrs: NamedAttrMap | undefined;
  outputs: Tensor[];
  saved: Tensor[];
  backward: Backward | undefined;
}

/** Runs operations, and records those that may be differentiated. */
class Runner {
  constructor(
    private readonly engine: EngineInternals,
    private readonly tensors: LeanTensors,
  ) {}

  /** Runs a registered kernel. */
  runKernel(kernelName: string, inputs: Named, attrs: NamedAttrMap | undefined): Tensor | Tensor[] {
    const { backend, backendName, state } = this.engine;
    const kernel = findKernel(kernelName, backendName!);
    if (!kernel) throw new Error(`Kernel '${kernelName}' not registered for backend '${backendName}'`);
    const isRecorded = this.isTapeOn();
    let saved: Tensor[] = [];
    let produced: Tensor | Tensor[];
    state.kernelDepth++;
    try {
      const given = kernel.kernelFunc({ inputs, attrs, backend });
      produced = Array.isArray(given) ? given.map(this.toTensor) : this.toTensor(given);
      if (isRecorded) saved = savedFor(kernelName, inputs, produced).map(this.save);
    } finally {
      state.kernelDepth--;
    }
    if (isRecorded) {
      const backward = findGradient(kernelName)?.gradFunc;
      this.record(kernelName, { inputs, attrs, outputs: asArray(produced), saved, backward });
    }
    return produced;
  }

  /** Runs an operation with a gradient of its own. */
  runOwn({ inputs, attrs, forwardFunc, backwardsFunc: backward }: Extract<Invocation, { forwardFunc: unknown }>) {
    const { backend, state } = this.engine;
    const isRecorded = this.isTapeOn();
    let saved: Tensor[] = [];
    const save = (tensors: Tensor[]): void => {
      if (isRecorded) saved = tensors.map(this.save);
    };
    let produced: Tensor | Tensor[];
    state.kernelDepth++;
    try {
      produced = this.engine.tidy(() => forwardFunc(backend, save)) as Tensor | Tensor[];
    } finally {
      state.kernelDepth--;
    }
    const name = state.activeScope?.name ?? '';
    if (isRecorded) this.record(name, { inputs, attrs, outputs: asArray(produced), saved, backward });
    return produced;
  }

  private isTapeOn(): boolean {
    const { gradientDepth, kernelDepth } = this.engine.state;
    return gradientDepth > 0 && kernelDepth === 0;
  }

  /** What a gradient reads later, whatever becomes of the tensor until then. */
  private save = (tensor: Tensor): Tensor => {
    const { backend, backendName, state } = this.engine;
    if (state.gradientDepth === 1) {
      const identity = findKernel('Identity', backendName!)!;
      const info = identity.kernelFunc({ inputs: { x: tensor }, attrs: undefined, backend }) as TensorInfo;
      return this.tensors.makeKept(info);
    }
    // Inside an inner gradient, the gradient is differentiated itself, so the copy is recorded with its source.
    const clone = this.engine.clone(tensor);
    clone.kept = true;
    return clone;
  };

  private toTensor = (info: TensorInfo | Tensor): Tensor =>
    'rank' in info && info.rank !== undefined ? info : this.tensors.makeTensorFromTensorInfo(info);

  private record(kernelName: string, { inputs, attrs, outputs, saved, backward }: Ran): void {
    const { state } = this.engine;
    const gradient = backward && {
      gradient: (gradients: (Tensor | undefined)[]) => backward(this.complete(gradients, outputs), saved, attrs ?? {}),
    };
    state.activeTape!.push({ id: state.nextTapeNodeId++, kernelName, inputs, outputs, saved, ...gradient });
  }

  /** With zeros for outputs that were not used. The gradient of a single output is handed over as it is. */
  private complete(gradients: readonly (Tensor | undefined)[], outputs: readonly Tensor[]): Tensor | Tensor[] {
    const all = gradients.map((gradient, index) => gradient ?? this.zerosLike(outputs[index]!));
    return all.length > 1 ? all : all[0]!;
  }

  private zerosLike({ dtype, shape, size }: Tensor): Tensor {
    return this.engine.makeTensor(util.makeZerosTypedArray(size, dtype), shape, dtype);
  }
}

/** What the gradient of a kernel reads. */
function savedFor(kernelName: string, inputs: Named, produced: Tensor | Tensor[]): Tensor[] {
  const gradient = findGradient(kernelName);
  if (!gradient) return [];
  const { saveAllInputs, inputsToSave = [], outputsToSave = [] } = gradient;
  const read = saveAllInputs ? Object.values(inputs) : inputsToSave.map((name) => inputs[name]!);
  return [...read, ...asArray(produced).filter((_, index) => outputsToSave[index])];
}

const asArray = (produced: Tensor | Tensor[]): Tensor[] => (Array.isArray(produced) ? produced : [produced]);
