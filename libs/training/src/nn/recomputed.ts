import type { Cell } from './cells/cell';
import { readingOrder, type RecurrentInputs, type RecurrentResult } from './cells/unrolled';
import { recurrentLayer, type RecurrentOptions } from './recurrent';
import { differentiable, gradientsWithin } from '../tensor/differentiable';
import { broadcastMask } from '../tensor/selection';
import { backendAs, tf, type Tensor } from '../tensor/tfjs';
import { uncutRows } from './windows';

/** x·W + b of the steps of a layer, from tensors that can be cut apart along time. */
export interface StepSource {
  /** Each [lane, time, …]. */
  steps: readonly Tensor[];
  /** What all steps read. */
  shared: readonly Tensor[];
  /** Of some steps: [lane, time, batch, columns]. Reads no other tensors. */
  project: (steps: readonly Tensor[], shared: readonly Tensor[]) => Tensor;
}

/** x·W + b of all steps, [lane, time, batch, columns]. */
export const projectAll = ({ steps, shared, project }: StepSource): Tensor => project(steps, shared);

/** What has been computed of all steps already. */
export const projectedSteps = (projected: Tensor): StepSource => ({
  steps: [projected],
  shared: [],
  project: ([each]) => each!,
});

type Named = Record<string, Tensor>;

/** Some steps, in the order of time. */
interface Segment {
  from: number;
  length: number;
}

const numbered = (name: string, tensors: readonly Tensor[] = []): Named =>
  Object.fromEntries(tensors.map((tensor, index) => [`${name} ${index}`, tensor]));

const listed = (named: Named, name: string): Tensor[] =>
  Object.keys(named)
    .filter((key) => key.startsWith(`${name} `))
    .map((key) => named[key]!);

const isOfSteps = (name: string): boolean => /^(step|change) |^valid$/.test(name);
/** Whether a gradient flows back into a tensor of this name: into masks and numbers of tokens none does. */
const isDifferentiated = (name: string, { dtype }: Tensor): boolean =>
  dtype === 'float32' && !/^(change |kept$|valid$)/.test(name);

/** The part of what is read by all steps that a segment reads. */
const cut = (named: Named, { from, length }: Segment): Named =>
  Object.fromEntries(
    Object.entries(named).map(([name, each]) => [name, isOfSteps(name) ? partOf(each, from, length) : each]),
  );

function partOf(x: Tensor, from: number, length: number): Tensor {
  const size = x.shape.map((whole, axis) => (axis === 1 ? length : whole));
  const part = tf.slice(x.dtype === 'bool' ? tf.cast(x, 'int32') : x, [0, from], size.slice(0, 2));
  return x.dtype === 'bool' ? tf.cast(part, 'bool') : part;
}

/**
 * A recurrent layer that keeps only the states between segments, and for the gradient computes one segment after another again, with
 * what the gradient needs of it: gradient checkpointing (Chen et al. 2016; of hidden states through time, Gruslys et al. 2016). With
 * segments of 4·√T steps it holds gates of as many steps instead of T, for one more forward pass of the layer.
 *
 * With a window, across whose multiples no gradient flows, each window is a segment. Values are those of the whole sequence, bit for
 * bit where steps are computed one by one; gradients of weights are summed up segment by segment, in another order.
 */
export function recomputedLayer(
  cell: Cell,
  source: StepSource,
  layer: Omit<RecurrentInputs, 'projected' | 'probe'>,
  { window, reverse, parallelScan }: RecurrentOptions & { window?: number | undefined },
): RecurrentResult {
  const { zoneout, own, states, kernel, bias, kept, valid } = layer;
  const given: Named = {
    ...numbered('step', source.steps),
    ...numbered('shared', source.shared),
    ...numbered(
      'own',
      cell.own?.map(({ name }) => own![name]!),
    ),
    ...numbered('change', zoneout?.changes),
    ...{ ...(kernel && { kernel }), ...(bias && { bias }), ...(kept && { kept }), ...(valid && { valid }) },
  };
  const run = (named: Named, before: readonly Tensor[], training: boolean): Tensor[] => {
    const ownOnes = listed(named, 'own');
    const result = recurrentLayer(
      cell,
      {
        ...{ kernel: named.kernel, bias: named.bias, kept: named.kept, valid: named.valid, states: before },
        projected: source.project(listed(named, 'step'), listed(named, 'shared')),
        own: cell.own && Object.fromEntries(cell.own.map(({ name }, index) => [name, ownOnes[index]!])),
        zoneout: zoneout && { ...zoneout, changes: zoneout.changes && listed(named, 'change') },
      },
      { reverse, parallelScan, training },
    );
    return [result.outputs, ...result.states];
  };
  const segments = segmentsOf(source.steps[0]!.shape[1]!, window);
  return segmented({ run, given, states, segments, reverse, isCut: window !== undefined });
}

/** Of how many steps at once a layer that recomputes holds the gates. */
export function recomputedSteps(steps: number): number {
  const most = Math.min(Math.ceil(4 * Math.sqrt(steps)), Math.ceil(steps / 2));
  // Of one length, if possible: memory of the same size is used again.
  return Math.ceil(steps / Math.ceil(steps / most));
}

/**
 * The whole sequence in windows, or in segments of 4·√T steps, but at least two: each packs weights again, and gates of fewer steps would
 * save little more, beside the outputs of all steps.
 */
function segmentsOf(steps: number, window?: number): Segment[] {
  const length = window ?? recomputedSteps(steps);
  return Array.from({ length: Math.ceil(steps / length) }, (_, index) => ({
    from: index * length,
    length: Math.min(length, steps - index * length),
  }));
}

interface Segmented {
  /** Outputs and final states of some steps. */
  run: (named: Named, states: readonly Tensor[], training: boolean) => Tensor[];
  given: Named;
  states: readonly Tensor[];
  segments: readonly Segment[];
  reverse: boolean;
  /** Whether no gradient flows from a segment to the one before it, but in `uncutRows`. */
  isCut: boolean;
}

function segmented(how: Segmented): RecurrentResult {
  const { given, states } = how;
  const names = Object.keys(given);
  const inputs = Object.fromEntries(
    names.filter((name) => isDifferentiated(name, given[name]!)).map((name) => [name, given[name]!]),
  );
  const [outputs, ...final] = differentiable({
    inputs: { ...inputs, ...numbered('state', states) },
    forward(save) {
      const { produced, boundaries } = forwards(how);
      save([...names.map((name) => given[name]!), ...boundaries.flat()]);
      return produced;
    },
    backward(gradients, saved) {
      const known = Object.fromEntries(names.map((name, index) => [name, saved[index]!]));
      const between = how.segments.map((_, index) => {
        const first = names.length + index * states.length;
        return saved.slice(first, first + states.length);
      });
      const results = backwards(how, { known, between, wanted: Object.keys(inputs) }, gradients);
      return Object.fromEntries(Object.entries(results).map(([name, result]) => [name, () => result]));
    },
  });
  return { outputs: outputs!, states: final };
}

/** Outputs and final states, and the states before each segment. */
function forwards({ run, given, states, segments, reverse }: Segmented): {
  produced: Tensor[];
  boundaries: Tensor[][];
} {
  const outputs: Tensor[] = [];
  const boundaries: Tensor[][] = [];
  let before = [...states];
  for (const index of readingOrder(segments.length, reverse)) {
    boundaries[index] = before;
    const [own, ...after] = tf.tidy(() => run(cut(given, segments[index]!), before, false));
    outputs[index] = own!;
    before = after;
  }
  return { produced: [together(outputs), ...before], boundaries };
}

const together = (parts: readonly Tensor[]): Tensor => (parts.length === 1 ? parts[0]! : tf.concat([...parts], 1));

/** What the gradient knows of the forward pass, and the names of what it is `wanted` of. */
interface Known {
  known: Named;
  between: readonly Tensor[][];
  wanted: readonly string[];
}

/** The gradients of what was given and of the first states, from those of the outputs and of the final states. */
function backwards(
  { run, segments, reverse, isCut }: Segmented,
  { known, between, wanted }: Known,
  [ofOutputs, ...ofStates]: readonly Tensor[],
): Named {
  const parts = new Map<string, Tensor[]>();
  const sums: Named = {};
  const lengths = segments.map(({ length }) => length);
  const uncut = uncutRows(known.valid, lengths, reverse);
  let flowing = ofStates;
  for (const index of readingOrder(segments.length, !reverse)) {
    const segment = segments[index]!;
    const own = tf.tidy(() => {
      const named = cut(known, segment);
      const arriving = [partOf(ofOutputs!, segment.from, segment.length), ...flowing];
      const states = between[index]!;
      const weighted = (): Tensor =>
        tf.addN(run(named, states, true).map((each, place) => tf.sum(tf.mul(each, arriving[place]!))));
      return gradientsWithin(weighted, [...wanted.map((name) => named[name]!), ...states]);
    });
    submitRecorded();
    for (const [place, name] of wanted.entries()) {
      const gradient = own[place]!;
      if (isOfSteps(name)) parts.set(name, parts.get(name) ?? []).get(name)![index] = gradient;
      else sums[name] = addedUp(sums[name], gradient);
    }
    const ofFirst = own.slice(wanted.length);
    const isLast = index === (reverse ? segments.length - 1 : 0);
    flowing = isCut && !isLast ? ofFirst.map((each) => cutOff(each, uncut(index))) : ofFirst;
  }
  const ofSteps = [...parts].map(([name, each]) => [name, together(each)] as const);
  return { ...sums, ...Object.fromEntries(ofSteps), ...numbered('state', flowing) };
}

/** A gradient of states [lane, batch, ·] at a border that it crosses in these rows, bool [lane, batch]; undefined for none. */
const cutOff = (gradient: Tensor, rows: Tensor | undefined): Tensor => {
  const zeros = tf.zerosLike(gradient);
  return rows ? tf.where(broadcastMask(rows, gradient.shape), gradient, zeros) : zeros;
};

/** On a GPU, memory of what has been disposed is free again once the work that used it is submitted. */
function submitRecorded(): void {
  const backend = backendAs<{
    commandEncoder?: unknown;
    endComputePassEncoder?: () => void;
    submitQueue?: () => void;
  }>();
  if (!backend.commandEncoder) return;
  backend.endComputePassEncoder?.();
  backend.submitQueue?.();
}

function addedUp(sum: Tensor | undefined, gradient: Tensor): Tensor {
  if (!sum) return gradient;
  const next = tf.add(sum, gradient);
  tf.dispose([sum, gradient]);
  return next;
}
