import type { z } from 'zod';
import { cells } from '../cells';
import { datasetKindDefinitions } from '../datasets';
import { inWords, refusals, type Refusal, type Rule } from '../definition';
import type { ModelSpec } from '../model-spec';
import type { training } from '../training-spec';
import { taskKinds, tasks, type TaskKind } from '.';
import { defaultVocabulary } from './options';
import type { TaskDefinition, TaskRuleInput } from './task';

const kindsThat = (has: (definition: TaskDefinition) => boolean): string =>
  inWords(taskKinds.filter((kind) => has(tasks[kind])));

/** Whether all data of a task is ordered in time. */
const isOrdered = ({ datasets }: TaskDefinition): boolean =>
  datasets.every((kind) => datasetKindDefinitions[kind].isOrdered);

/** Whether a task answers a sequence, each of its steps, or a tree with classes of its data, one or several. */
const hasClasses = ({ loss, answers, reads }: Pick<TaskDefinition, 'loss' | 'answers' | 'reads'>): boolean =>
  loss === 'binary cross-entropy' || (loss === 'cross-entropy' && answers !== 'written' && reads !== 'stream');

/** Whether a task predicts the symbols that its network, or its decoder, embeds. */
const embedsAnswers = ({ loss, answers, answersInInput }: TaskDefinition): boolean =>
  answers === 'written' || (answersInInput && loss === 'cross-entropy');

const tying = kindsThat(embedsAnswers);
const weighable = kindsThat(hasClasses);
const streaming = kindsThat(({ reads }) => reads === 'stream');
const ordered = kindsThat(isOrdered);
const adaptable = kindsThat(({ isAdaptable }) => isAdaptable);

interface Parts extends Omit<TaskRuleInput, 'dataset' | 'task'> {
  dataset: { fold?: { kind: string } | undefined; longer: string };
  task: { kind: TaskKind };
}

/** Refusals of options that a task does not support. */
export function taskRefusals({ dataset, task, model, training: how }: Parts): Refusal[] {
  const definition = tasks[task.kind];
  return refusals([
    ...modelRules(definition, model),
    ...tyingRules(definition, model),
    ...streamRules(definition, model, how),
    ...lossRules(definition, how),
    ...embeddingRules(definition, how),
    ...recomputeRules(definition, model, how),
    ...augmentationRules(definition, how),
    ...vocabularyRules(task),
    ...tokenizerRules(task, how),
    [
      dataset.fold?.kind === 'forward-chaining' && !isOrdered(definition),
      'dataset.fold.kind',
      `forward-chaining is for data ordered in time (${ordered}); give k-fold`,
    ],
    ...(definition.rules?.({ dataset, task, model, training: how }) ?? []),
  ]);
}

const vocabularyRules = ({ tokens, vocabulary }: Readonly<Record<string, unknown>>): Rule[] => [
  [
    tokens === 'subword' && Number(vocabulary) <= 256,
    'task.vocabulary',
    'subwords begin with the 256 bytes; give more, such as 1000',
  ],
];

/** An existing tokenizer has its own vocabulary, and so has a model. */
const tokenizerRules = (
  { tokens, vocabulary, tokenizer }: Readonly<Record<string, unknown>>,
  { initFrom }: Training,
): Rule[] =>
  tokenizer === undefined
    ? []
    : [
        [tokens !== 'subword', 'task.tokenizer', `has subwords, and task.tokens is ${String(tokens)}; give subword`],
        [
          tokens === 'subword' && vocabulary !== defaultVocabulary,
          'task.vocabulary',
          'has no effect with task.tokenizer, which has its own; leave it out',
        ],
        [
          initFrom !== undefined && initFrom.embedding === undefined,
          'task.tokenizer',
          'has no effect with training.initFrom: the text is read as the model reads it; leave it out',
        ],
      ];

type Training = z.infer<typeof training>;

function modelRules({ kind, isCausal, answers, cells: able, noBatchNorm }: TaskDefinition, model: ModelSpec): Rule[] {
  const { cell } = model;
  return [
    [
      model.bidirectional && isCausal,
      'model.bidirectional',
      `${kind} cannot be bidirectional: it would see its target; leave it out`,
    ],
    [
      able !== undefined && !able.includes(cell),
      'model.cell',
      `${kind} needs the cell ${able?.join(' or ')}, not ${cell}`,
    ],
    [
      answers === 'written' && cells[cell].states.length === 0,
      'model.cell',
      `a decoder starts from a state and ${cell} has none; give a recurrent cell`,
    ],
    [
      model.batchNorm && noBatchNorm !== undefined,
      'model.batchNorm',
      `${kind} cannot use it: ${noBatchNorm}; leave it out`,
    ],
  ];
}

function tyingRules(definition: TaskDefinition, model: ModelSpec): Rule[] {
  const top = model.layerSizes?.at(-1) ?? model.hiddenSize;
  return [
    [
      model.tieWeights && !embedsAnswers(definition),
      'model.tieWeights',
      `is for ${tying}, whose answers are symbols that the network embeds; leave it out`,
    ],
    [
      model.tieWeights && model.embeddingSize !== top,
      'model.tieWeights',
      `needs embeddingSize, ${model.embeddingSize}, to be the size of the top layer, ${top}; give both the same, or leave it out`,
    ],
  ];
}

function streamRules({ kind, reads }: TaskDefinition, model: ModelSpec, { bptt, stateful, ...how }: Training): Rule[] {
  const isStream = reads === 'stream';
  return [
    [
      stateful === true && !isStream,
      'training.stateful',
      `only ${streaming} carries its state along a stream, not ${kind}; leave it out`,
    ],
    [
      stateful === true && cells[model.cell].states.length === 0,
      'training.stateful',
      `${model.cell} has no state to carry; leave it out`,
    ],
    [
      stateful === true && model.learnedInitialState,
      'model.learnedInitialState',
      'a carried state cannot start from a learned one; give training.stateful: false',
    ],
    [bptt === 'full' && isStream, 'training.bptt', `${kind} reads one long stream: give a window, for example 64`],
    [
      typeof bptt === 'object' && !isStream,
      'training.bptt',
      `{k1, k2} is only for ${streaming}; give a window or full for ${kind}`,
    ],
    [how.epochs !== undefined && how.updates !== undefined, 'training.epochs', 'give updates or epochs, not both'],
  ];
}

function lossRules({ kind, answers, loss, reads, isAdaptable }: TaskDefinition, how: Training): Rule[] {
  return [
    [
      how.adaptation !== undefined && !isAdaptable,
      'training.adaptation',
      `is only for ${adaptable}, which predict from one feature vector per sequence; leave it out`,
    ],
    [
      how.teacherForcing !== 1 && answers !== 'written',
      'training.teacherForcing',
      `${kind} has no decoder to force; leave it out`,
    ],
    [
      how.classWeights !== 'none' && !hasClasses({ loss, answers, reads }),
      'training.classWeights',
      `is for ${weighable}, which answer with classes; leave it out`,
    ],
    [
      how.labelSmoothing > 0 && loss !== 'cross-entropy',
      'training.labelSmoothing',
      `is for the cross-entropy of classes, and ${kind} minimises the ${loss}; leave it out`,
    ],
  ];
}

/** Word vectors need a network that reads symbols. */
const embeddingRules = ({ kind, inputs }: TaskDefinition, { initFrom }: Training): Rule[] => [
  [
    initFrom?.embedding !== undefined && !inputs.includes('tokens'),
    'training.initFrom.embedding',
    `${kind} reads numbers, which are not embedded; leave it out`,
  ],
];

/** Where nothing of the steps between two states would be computed again. */
function recomputeRules({ kind, reads }: TaskDefinition, { cell }: ModelSpec, { recompute, bptt }: Training): Rule[] {
  const scored = typeof bptt === 'object' ? bptt.k2 : bptt;
  return [
    [
      recompute && reads === 'trees',
      'training.recompute',
      `${kind} has no states at the steps of a sequence; leave it out`,
    ],
    [
      recompute && cells[cell].states.length === 0,
      'training.recompute',
      `${cell} has no state to go on from; leave it out`,
    ],
    [
      recompute && typeof scored === 'number' && scored < 4,
      'training.recompute',
      `saves nothing in a window of ${scored} steps; leave it out, or give a training.bptt of at least 4`,
    ],
  ];
}

function augmentationRules({ kind, inputs }: TaskDefinition, { augmentation }: Training): Rule[] {
  const ofTokens = inputs.includes('tokens');
  const ofNumbers = inputs.includes('numbers');
  const changed = (key: keyof typeof augmentation, has: boolean, needed: string): Rule => [
    augmentation[key] > 0 && !has,
    `training.augmentation.${key}`,
    `changes ${needed}, and ${kind} reads none; leave it out`,
  ];
  return [
    changed('tokenDropout', ofTokens, 'tokens'),
    changed('jitter', ofNumbers, 'numbers'),
    changed('timeMasking', ofNumbers, 'numbers'),
  ];
}
