/** The sweep that `npm start` runs: real text, sized for a CPU without a fast engine. */
export const exampleSweep = {
  name: 'typescript-declarations',
  dataset: { name: 'typescript-declarations', split: { validation: 0.03 } },
  task: 'language-model',
  model: { cell: { grid: ['rnn', 'lstm', 'gru'] }, hiddenSize: 32, embeddingSize: 32 },
  training: {
    bptt: 32,
    batchSize: 16,
    updates: 1200,
    reportEvery: 50,
    learningRate: { logUniform: [5e-3, 3e-2] },
    optimizer: 'adam',
    clipNorm: 1,
  },
  search: { algorithm: 'random', trials: 6, seed: 7 },
};

/** Seconds that its training takes on 2 cores: with the engine native, and with wasm. */
export const exampleSeconds = { native: 10, wasm: 30 };
