/** What `unroll init` writes. */
export function commentedSweep(schemaUrl: string): string {
  return `# yaml-language-server: $schema=${schemaUrl}
$schema: ${schemaUrl}
name: my-first-sweep

# A registered data set ("unroll dataset add NAME FILE --kind text"), or a built-in one.
dataset: typescript-declarations

# Predict the next character of a text.
task: {kind: language-model, tokens: character}

# Any value below may be a distribution: {choice: [...]}, {grid: [...]}, {uniform: [a, b]}, {logUniform: [a, b]},
# {int: [a, b]}, {normal: [mean, sd]}.
model:
  cell: {grid: [rnn, lstm, gru]}      # each an equal number of times
  hiddenSize: {choice: [32, 64]}
  layers: 1
  embeddingSize: 32

training:
  bptt: 32                            # tokens that the gradient goes back; or {k1: 16, k2: 32}
  stateful: true                      # carry the hidden state along the text
  batchSize: 16
  updates: 1000
  reportEvery: 100                    # validation runs at each report
  optimizer: adam                     # or {kind: sgd, momentum: 0.9}
  learningRate: {logUniform: [1e-3, 1e-2]}
  clipNorm: 1

search: {algorithm: random, trials: 6, seed: 0}

# budget: {concurrentTrials: 4}
`;
}

/** A sweep over a text of one's own, small enough for a CPU. */
export function ownTextSweep(dataset: string): Record<string, unknown> {
  return {
    name: dataset,
    dataset,
    task: 'language-model',
    model: { cell: { grid: ['rnn', 'lstm', 'gru'] }, hiddenSize: { choice: [32, 64] }, embeddingSize: 32 },
    training: { bptt: 32, batchSize: 16, updates: 600, reportEvery: 100, learningRate: { logUniform: [2e-3, 2e-2] } },
    search: { trials: 6 },
  };
}
