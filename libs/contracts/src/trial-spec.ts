import { z } from 'zod';
import { dataset, fileDataset } from './dataset-spec';
import { model } from './model-spec';
import { strict } from './strict';
import { structureProblems } from './structure-problems';
import { taskShorthand, type TaskKind } from './task-spec';
import { training } from './training-spec';

/** The parts of a specification that a sweep searches over. The keys stand in this order wherever they are shown. */
export const trialShape = {
  dataset,
  task: taskShorthand,
  model: model.prefault({}).describe('The network.'),
  training: training.prefault({}).describe('How it is trained.'),
};

interface Parts {
  dataset: { fold?: { kind: string } | undefined; longer: string };
  task: { kind: TaskKind; loss?: unknown; attention?: string };
  model: z.infer<typeof model>;
  training: z.infer<typeof training>;
}

/** Tasks whose network must not see what comes after a step. */
const causal: readonly TaskKind[] = ['language-model', 'multilabel-frames'];
/** Tasks whose data are streams that a state may be carried along. */
const streaming: readonly TaskKind[] = ['language-model'];
/** Cells that have no state to carry or to drop. */
const stateless = ['feed-forward', 'transformer'];
/** Tasks of which a decoder writes the answer. */
const written: readonly TaskKind[] = ['sequence-to-sequence', 'sequence-from-vector'];
/** Cells that normalise what they read by themselves. */
const normalised = ['layer-norm-lstm', 'transformer'];
/** Tasks whose features can be pulled together over two domains. */
const adaptable: readonly TaskKind[] = ['classification', 'regression'];
const minimal = ['min-gru', 'min-lstm'];
const forgetting = ['lstm', 'layer-norm-lstm', 'peephole-lstm', 'min-lstm'];

/** What no single key can tell: combinations that make no sense. Each is refused, never ignored. */
function problems({
  dataset: data,
  task: { kind, attention },
  model: net,
  training: how,
}: Parts): [path: string, message: string][] {
  const found: [string, string][] = [];
  const refuse = (condition: boolean, path: string, message: string): void => {
    if (condition) found.push([path, message]);
  };
  const { cell } = net;
  const isStream = streaming.includes(kind);
  const bidirectionalProblem = `a ${kind} cannot be bidirectional: it would see its target; leave it out`;
  refuse(
    net.bidirectional && kind === 'language-model',
    'model.bidirectional',
    'a language model cannot be bidirectional: it would see its target; leave it out',
  );
  refuse(
    net.bidirectional && kind !== 'language-model' && causal.includes(kind),
    'model.bidirectional',
    bidirectionalProblem,
  );
  refuse(
    net.bidirectional && stateless.includes(cell),
    'model.bidirectional',
    `${cell} reads in no direction; leave it out`,
  );
  refuse(
    net.nonlinearity !== 'tanh' && cell !== 'rnn' && cell !== 'feed-forward',
    'model.nonlinearity',
    `only the cell rnn has a choice of nonlinearity, not ${cell}; leave it out`,
  );
  refuse(
    net.parallelScan && !minimal.includes(cell),
    'model.parallelScan',
    `only min-gru and min-lstm can be computed by a scan, not ${cell}; leave it out`,
  );
  refuse(
    net.recurrentDropout > 0 && (stateless.includes(cell) || minimal.includes(cell)),
    'model.recurrentDropout',
    `the gates of ${cell} see no state of which some could be dropped; leave it out`,
  );
  refuse(
    net.batchNorm && normalised.includes(cell),
    'model.batchNorm',
    `${cell} normalises what it reads by itself; leave it out`,
  );
  refuse(
    net.batchNorm && written.includes(kind),
    'model.batchNorm',
    `the decoder of ${kind} reads one step at a time, whose statistics alone it would see; leave it out`,
  );
  refuse(
    net.learnedInitialState && stateless.includes(cell),
    'model.learnedInitialState',
    `${cell} has no state; leave it out`,
  );
  refuse(
    cell === 'transformer' && net.hiddenSize % net.heads !== 0,
    'model.hiddenSize',
    `must be a multiple of heads, ${net.heads}`,
  );
  refuse(
    how.stateful === true && !isStream,
    'training.stateful',
    `only a language model carries its state along a stream, not ${kind}; leave it out`,
  );
  refuse(
    how.stateful === true && stateless.includes(cell),
    'training.stateful',
    `${cell} has no state to carry; leave it out`,
  );
  refuse(
    how.stateful === true && net.learnedInitialState,
    'model.learnedInitialState',
    'a carried state has no learned start; give training.stateful: false',
  );
  refuse(how.bptt === 'full' && isStream, 'training.bptt', 'a text is one long stream: give a window, for example 64');
  refuse(
    typeof how.bptt === 'object' && !isStream,
    'training.bptt',
    `{k1, k2} is for a language model; give a window or full for ${kind}`,
  );
  refuse(
    net.initialisation.forgetBias !== undefined && !forgetting.includes(cell),
    'model.initialisation.forgetBias',
    `${cell} has no forget gate; leave it out`,
  );
  refuse(
    net.initialisation.recurrent !== 'default' && [...stateless, ...minimal, 'ind-rnn'].includes(cell),
    'model.initialisation.recurrent',
    `${cell} has no matrix between steps; leave it out`,
  );
  refuse(how.epochs !== undefined && how.updates !== undefined, 'training.epochs', 'give updates or epochs, not both');
  refuse(
    data.fold?.kind === 'forward-chaining' && !isStream && kind !== 'forecasting',
    'dataset.fold.kind',
    'forward-chaining is for texts and series; give k-fold',
  );
  refuse(
    how.adaptation !== undefined && !adaptable.includes(kind),
    'training.adaptation',
    `is for ${adaptable.join(' and ')}, whose answer is read from one feature of a sequence; leave it out`,
  );
  const isWritten = written.includes(kind);
  refuse(
    isWritten && stateless.includes(cell),
    'model.cell',
    `a decoder begins with a state and ${cell} has none; give a recurrent cell`,
  );
  refuse(
    kind === 'sequence-from-vector' && net.bidirectional,
    'model.bidirectional',
    'a sequence-from-vector cannot be bidirectional: it would see its target; leave it out',
  );
  refuse(
    kind === 'sequence-from-vector' && net.learnedInitialState,
    'model.learnedInitialState',
    'the state begins with the vector; leave it out',
  );
  refuse(
    attention === 'dot' && net.bidirectional,
    'task.attention',
    'dot needs an encoder as wide as the decoder, and in two directions it is twice as wide; give general or additive',
  );
  refuse(
    !isWritten && how.teacherForcing !== 1,
    'training.teacherForcing',
    `a ${kind} has no decoder to force; leave it out`,
  );
  return [...found, ...structureProblems(kind, { dataset: data, model: net, training: how })];
}

function crossCheck(parts: Parts, context: z.RefinementCtx): void {
  for (const [path, message] of problems(parts)) context.addIssue({ code: 'custom', path: path.split('.'), message });
}

/** What depends on the task: the window, whether a state is carried, and how long training goes on. */
function completed<Spec extends Parts>(spec: Spec) {
  const { bptt, stateful, updates, epochs, ...training } = spec.training;
  const isStream = streaming.includes(spec.task.kind);
  return {
    ...spec,
    training: {
      bptt: bptt ?? (isStream ? 64 : ('full' as const)),
      stateful: stateful ?? (isStream && !stateless.includes(spec.model.cell) && !spec.model.learnedInitialState),
      ...(epochs === undefined ? { updates: updates ?? 1000 } : { epochs }),
      ...training,
    },
  };
}

/** One trial: every value fixed, every default filled in. */
export const trialSpec = strict(trialShape).superRefine(crossCheck).transform(completed);

/** What `unroll train` reads: a trial whose data may lie in a file. What belongs to a sweep is ignored there, with a word. */
export const trainFile = strict({
  ...trialShape,
  dataset: z.union([trialShape.dataset, fileDataset]),
  $schema: z.unknown().optional(),
  name: z.unknown().optional(),
  objective: z.unknown().optional(),
  objectives: z.unknown().optional(),
  search: z.unknown().optional(),
  stopping: z.unknown().optional(),
  budget: z.unknown().optional(),
})
  .superRefine(crossCheck)
  .transform(completed);

/** How a trial is trained, complete: exactly one of `updates` and `epochs` is there. */
export type TrainingSpec = Omit<z.infer<typeof training>, 'bptt' | 'stateful'> & {
  bptt: NonNullable<z.infer<typeof training>['bptt']>;
  stateful: boolean;
};
export type TrialSpec = Omit<z.infer<typeof trialSpec>, 'training'> & { training: TrainingSpec };
export type TrainFile = Omit<z.infer<typeof trainFile>, 'training'> & { training: TrainingSpec };
