import type { Tensor } from '@tensorflow/tfjs';
import { isSame } from '../shapes';
import type { EngineInternals, EngineState, TapeNode, WithGradient } from './internals';

/** How gradients flow back along what was recorded: as in TensorFlow.js, in the same order. */
export function leanGradients(engine: EngineInternals) {
  return {
    gradients(
      compute: () => Tensor,
      inputs: Tensor[],
      flowing?: Tensor | null,
      allowNone = false,
    ): { value: Tensor; grads: (Tensor | undefined)[] } {
      try {
        const value = recorded(engine, compute);
        const nodes = reachedFrom(engine.state.activeTape!, inputs);
        return engine.tidy('backward', () => {
          const found = new Map<number, Tensor>([[value.id, flowing ?? onesLike(engine, value)]]);
          const used = flowBack(engine, nodes, found);
          if (used === 0 && !allowNone)
            throw new Error(
              'Cannot compute gradient of y=f(x) with respect to x. Make sure that the f you passed encloses all operations that ' +
                'lead from x to y.',
            );
          return { value, grads: inputs.map(({ id }) => found.get(id)) };
        }) as { value: Tensor; grads: (Tensor | undefined)[] };
      } finally {
        forgetTape(engine.state);
      }
    },

    customGrad(operation: WithGradient): (...inputs: Tensor[]) => Tensor {
      return (...inputs) => {
        let result: ReturnType<WithGradient>;
        return engine.runKernelFunc({
          inputs: byPlace(inputs),
          forwardFunc: (_, save) => (result = operation(...inputs, save)).value,
          backwardsFunc(gradient, saved) {
            const given = result.gradFunc(gradient as Tensor, saved);
            const all = Array.isArray(given) ? given : [given];
            return byPlace(all.map((each) => () => each));
          },
        }) as Tensor;
      };
    },
  };
}

/** As customGrad names inputs: 0, 1, … */
function byPlace<Each>(all: readonly Each[]): Record<string, Each> {
  const named: Record<string, Each> = {};
  for (let place = 0; place < all.length; place++) named[place] = all[place]!;
  return named;
}

/** The result of a function, whose operations are recorded. */
function recorded(engine: EngineInternals, compute: () => Tensor): Tensor {
  engine.startTape();
  try {
    return engine.tidy('forward', compute) as Tensor;
  } finally {
    engine.endTape();
  }
}

/**
 * Refuses that an inner gradient flows through an operation outside of it: what that one saved is not recorded (lean-engine.ts), and the
 * derivatives of the inner gradient by it would be missing without a word. Undefined for an outermost gradient, which is not
 * differentiated.
 */
function innerCheck({ gradientDepth, activeTape }: EngineState): ((node: TapeNode) => void) | undefined {
  if (gradientDepth === 0) return undefined;
  const known = new Set(activeTape!.flatMap(({ outputs }) => outputs.map(({ id }) => id)));
  return ({ kernelName, saved }) => {
    if (saved.every(({ id }) => known.has(id))) return;
    throw new Error(
      `Cannot differentiate a gradient that flows through ${kernelName} outside of its function: call that operation within the function.`,
    );
  };
}

/** Disposes what was saved for gradients, unless these are differentiated themselves: then they need the same tape. */
function forgetTape(state: EngineState): void {
  if (state.gradientDepth > 0) return;
  for (const { saved } of state.activeTape ?? []) for (const tensor of saved) tensor.dispose();
  state.activeTape = null;
}

const onesLike = (engine: EngineInternals, { shape, size }: Tensor): Tensor =>
  engine.makeTensor(new Float32Array(size).fill(1), shape, 'float32');

/** A recorded operation, and those of its inputs that depend on what is differentiated by. */
interface Reached {
  node: TapeNode;
  inputs: string[];
}

/** The operations that depend on `inputs`, in the order in which they ran. */
function reachedFrom(tape: readonly TapeNode[], inputs: readonly Tensor[]): Reached[] {
  const depend = new Set(inputs.map(({ id }) => id));
  const reached: Reached[] = [];
  for (const node of tape) {
    const own: string[] = [];
    for (const name in node.inputs) if (depend.has(node.inputs[name]!.id)) own.push(name);
    if (own.length === 0) continue;
    for (const { id } of node.outputs) depend.add(id);
    reached.push({ node, inputs: own });
  }
  return reached;
}

/**
 * Adds to `found` the gradients of everything that its one tensor depends on, among the inputs of the operations. Returns the number of
 * operations that it depends on.
 */
function flowBack(engine: EngineInternals, operations: readonly Reached[], found: Map<number, Tensor>): number {
  const check = innerCheck(engine.state);
  let used = 0;
  for (let index = operations.length - 1; index >= 0; index--) {
    const { node, inputs } = operations[index]!;
    const gradients = node.outputs.map(({ id }) => found.get(id));
    if (gradients.every((gradient) => gradient === undefined)) continue;
    used++;
    check?.(node);
    if (!node.gradient) throw new Error(`Cannot compute gradient: gradient function not found for ${node.kernelName}.`);
    const derived = node.gradient(gradients);
    for (const name of inputs) {
      const derive = derived[name];
      if (!derive) throw new Error(`${node.kernelName} has no gradient of its input ${name}`);
      const own = engine.tidy(derive) as Tensor;
      const { id, shape } = node.inputs[name]!;
      if (own.dtype !== 'float32' || !isSame(own.shape, shape))
        throw new Error(
          `${node.kernelName}: the gradient of its input ${name}, ${own.dtype} [${own.shape.join(', ')}], ` +
            `must be float32 [${shape.join(', ')}]`,
        );
      const before = found.get(id);
      found.set(id, before ? (engine.runKernel('Add', { a: before, b: own }) as Tensor) : own);
      before?.dispose();
    }
  }
  return used;
}
