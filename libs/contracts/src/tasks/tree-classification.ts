import { oneOf } from '../strict';
import { defineTask } from './task';
import { embedding, learningRate, vocabulary } from './options';

export const treeClassification = defineTask(
  'tree-classification',
  {
    vocabulary,
    nodes: oneOf(['all', 'root'])
      .default('all')
      .describe("Whose classes are learned: every node's, or only the root's."),
  },
  {
    description: 'A class for a tree of words, by a child-sum tree-LSTM (Tai et al. 2015).',
    datasets: ['labelled'],
    reads: 'trees',
    inputs: ['tokens'],
    answers: 'each step',
    isCausal: false,
    answersInInput: false,
    loss: 'cross-entropy',
    metrics: ['validation.accuracy', 'validation.balancedAccuracy', 'validation.f1', 'validation.nodeAccuracy'],
    baselines: ['most frequent class'],
    isAdaptable: false,
    isInspectable: false,
    isExportable: false,
    noBatchNorm: 'a tree has no steps to normalise over',
    cells: ['lstm'],
    inputOptions: [],
    headOptions: [],
    ownChoices: ['vocabulary'],
    lossOptions: [],
    rules: ({ dataset, model, training: { bptt } }) => [
      [model.bidirectional, 'model.bidirectional', 'a tree is read from its leaves to its root; leave it out'],
      [model.layers > 1, 'model.layers', 'a tree is read by one layer; leave it out'],
      [model.layerSizes !== undefined, 'model.layerSizes', 'a tree is read by one layer; give hiddenSize'],
      [model.residual, 'model.residual', 'a tree is read by one layer; leave it out'],
      [model.dropout > 0, 'model.dropout', 'a tree is read by one layer; leave it out'],
      [
        model.recurrentDropout > 0,
        'model.recurrentDropout',
        'a tree has no state that is the same at each step; leave it out',
      ],
      [model.weightDrop > 0, 'model.weightDrop', 'a tree has no recurrent matrix over steps; leave it out'],
      [model.zoneout > 0, 'model.zoneout', 'a tree has no state that a step could leave as it is; leave it out'],
      [model.learnedInitialState, 'model.learnedInitialState', 'a leaf has no state before it; leave it out'],
      [
        bptt !== undefined && bptt !== 'full',
        'training.bptt',
        'the gradient reaches every node of a tree; leave it out',
      ],
      [dataset.longer === 'cut', 'dataset.longer', 'a tree cannot be cut; raise dataset.maximumSteps'],
    ],
    firstSweep: {
      goal: 'Predict the class of a tree of words.',
      file: 'a line of it: (3 (2 It) (4 (2 works) (2 .)))',
      dataset: { sample: 'opinions.txt' },
      task: '{kind: tree-classification, nodes: all}    # or root: the classes within a tree are not learned',
      cell: 'lstm                          # child-sum tree-LSTM',
      model: [embedding],
      training: ['batchSize: 25', 'epochs: 10', learningRate],
    },
  },
);
