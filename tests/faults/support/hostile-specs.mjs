// Specs that no API should accept, or take long to refuse: wrong values at every place of a valid one, and texts that are large or deep.

/** The paths of all values of a tree, inner ones included. */
const pathsOf = (tree, path = []) =>
  typeof tree !== 'object' || tree === null
    ? [path]
    : [
        ...(path.length > 0 ? [path] : []),
        ...Object.entries(tree).flatMap(([key, child]) => pathsOf(child, [...path, key])),
      ];

/** A tree with another value at a path. */
const replaced = (tree, [key, ...rest], value) =>
  key === undefined ? value : { ...tree, [key]: replaced(tree[key] ?? {}, rest, value) };

const wrong = {
  'a list': [[1]],
  'an unknown key': { learning_rate: 1 },
  'not a number': 'NaN',
  'beyond all numbers': '1e999',
  'a negative number': -1,
  'a path': '../../x',
  'a quoted word': `x' or 'y`,
  'an empty choice': { choice: [] },
  'a reversed range': { uniform: [2, 1] },
  'a nested grid': { grid: [{ grid: [{ grid: [1, 2] }] }] },
};

/** What is valid in its place. */
const isValid = (path, name) =>
  (path === 'name' && ['not a number', 'beyond all numbers', 'a path', 'a quoted word'].includes(name)) ||
  (path === 'task' && name === 'never');

function wrongValues(valid) {
  return pathsOf(valid).flatMap((path) =>
    Object.entries(wrong).flatMap(([name, value]) =>
      isValid(path.join('.'), name)
        ? []
        : [{ name: `${name} at ${path.join('.')}`, text: JSON.stringify(replaced(valid, path, value)) }],
    ),
  );
}

const spread = (count, value) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, value]));
const numbers = (count) => Array.from({ length: count }, (_, index) => index + 1);

function large(valid) {
  const grid = { grid: numbers(1000) };
  const changed = (changes) => JSON.stringify({ ...valid, ...changes });
  return [
    [
      'a grid of 10^12 points',
      changed({
        model: { cell: 'gru', hiddenSize: grid, embeddingSize: grid },
        training: { batchSize: grid, updates: grid },
      }),
    ],
    ['10^11 steps of data', changed({ dataset: { name: 'adding-problem', steps: 100_000, sequences: 1_000_000 } })],
    ['a list of 100,000', changed({ model: { hiddenSize: { choice: numbers(100_000) } } })],
    ['57,600 unknown keys', changed({ training: spread(240, spread(240, 1)) })],
    ['19,000 unknown keys in a choice', changed({ training: { choice: Array(80).fill(spread(235, 1)) } })],
    ['1,000 wrong options', changed({ training: { learningRate: { choice: Array(1000).fill('x') } } })],
    ['a key of 900,000 letters', changed({ ['k'.repeat(900_000)]: 1 })],
    ['a word of 900,000 letters', changed({ task: 'k'.repeat(900_000) })],
    [
      '20 constraints of 20,000 parentheses',
      changed({ search: { constraints: Array(20).fill(`${'('.repeat(20_000)}1`) } }),
    ],
    ['constraints that nothing satisfies', changed({ search: { trials: 100, constraints: ['hiddenSize < 0'] } })],
    [
      'constraints that little satisfies',
      changed({
        model: { hiddenSize: { int: [1, 512] }, layers: { int: [1, 4] } },
        search: { trials: 1000, constraints: ['hiddenSize <= 2', 'layers <= 1'] },
      }),
    ],
    [
      '1,000 enqueued configurations of 15 unknown keys',
      changed({ search: { trials: 1000, enqueue: Array(1000).fill(spread(15, 1)) } }),
    ],
    [
      'a key __proto__',
      `{"dataset": "parity", "task": "classification", "search": {"enqueue": [{"__proto__": {"a": 1}}]}}`,
    ],
    ['a key given twice', '{"dataset": "parity", "dataset": "parity", "task": "classification"}'],
    ['10,000 levels of lists', '['.repeat(10_000) + ']'.repeat(10_000)],
    ['10,000 levels of objects', '{"a":'.repeat(10_000) + '1' + '}'.repeat(10_000)],
    ['nothing', ''],
    ['a number', '7'],
    ['half a document', changed({}).slice(0, -9)],
  ].map(([name, text]) => ({ name, text }));
}

const yaml = [
  ['blank lines', '\n'.repeat(900_000)],
  ['blank lines within the limit', '\n'.repeat(63_000)],
  ['comments', '#\n'.repeat(31_000)],
  ['ends of lists', 'a: ]\n'.repeat(12_000)],
  ['errors beyond the limit', 'a: ]\n'.repeat(180_000)],
  ['anchors', '- &a '.repeat(12_000)],
  [
    'aliases of aliases',
    numbers(9).reduce(
      (text, level) => `${text}a${level}: &a${level} [${Array(10).fill(`*a${level - 1}`)}]\n`,
      'a0: &a0 [x]\n',
    ),
  ],
  ['a cycle', 'a: &a [*a]'],
  ['10,000 levels', '- '.repeat(10_000)],
  ['tags', '!<x> '.repeat(10_000)],
  ['tabs', 'a:\n\tb: 1'],
  ['two documents', 'a: 1\n---\nb: 2\n'],
].map(([name, text]) => ({ name: `YAML of ${name}`, text, type: 'application/yaml' }));

const others = [
  { name: 'another media type', text: '{}', type: 'text/plain' },
  { name: 'no key', text: '{}', key: '' },
  { name: 'a wrong key', text: '{}', key: 'a-key-that-is-wrong' },
  { name: 'an unknown query', text: '{}', path: '/v1/sweeps?dryRun=perhaps' },
  { name: 'an upload that is none', text: 'x', path: '/v1/datasets', type: 'multipart/form-data; boundary=x' },
];

/** Requests that must be refused: `text` with its media type, path and key where they are not the usual. */
export const hostileTexts = (valid) => [...wrongValues(valid), ...large(valid), ...yaml, ...others];
