import { defineTask } from './task';
import { embedding, learningRate, tokenizer, tokens, vocabulary } from './options';

export const languageModel = defineTask(
  'language-model',
  { tokens: tokens('character'), vocabulary, tokenizer: tokenizer.optional() },
  {
    description: 'The next token of a text.',
    datasets: ['text'],
    reads: 'stream',
    inputs: ['tokens'],
    answers: 'each step',
    isCausal: true,
    answersInInput: true,
    loss: 'cross-entropy',
    metrics: ['validation.bitsPerToken', 'validation.bitsPerCharacter', 'validation.perplexity'],
    baselines: ['bigram'],
    isAdaptable: false,
    isInspectable: true,
    isExportable: true,
    inputOptions: ['tokens'],
    headOptions: [],
    ownChoices: [],
    lossOptions: [],
    isPerWord: (task) => task.tokens !== 'character',
    firstSweep: {
      goal: 'Predict the next character of a text.',
      dataset: 'typescript-declarations',
      task: '{kind: language-model, tokens: character}   # or word, subword',
      model: [embedding],
      training: [
        'bptt: 32                            # tokens that the gradient goes back; or {k1: 16, k2: 32}',
        'stateful: true                      # carry the hidden state along the text',
        'batchSize: 16',
        'updates: 1000',
        learningRate,
      ],
    },
  },
);
