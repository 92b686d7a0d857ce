import { tf } from '../../tensor/tfjs';
import { openEngine } from '../../backends/open-engine';
import { everyEngine } from '../../testing/for-each-engine';
import { combinations } from './combinations';
import { trainCombination } from './run';

const isThere = everyEngine.some(({ name }) => name === 'native');

/** What TensorFlow.js computes in one walk through its arrays. All else of its cpu backend finds the place of each value by itself. */
const walks = new Set([
  ...[
    'Abs',
    'Cast',
    'ExpandDims',
    'Fill',
    'Identity',
    'Log',
    'LogicalNot',
    'OneHot',
    'OnesLike',
    'Reshape',
    'Sqrt',
    'ZerosLike',
  ],
  // Of the whole tensor, or of a part in a row.
  ...['Slice', 'Sum'],
]);
/** Values of a tensor that may take a microsecond each. */
const most = 256;

(isThere ? describe : describe.skip)(`on native${isThere ? '' : ' (skipped: no addon)'}`, () => {
  const left = new Map<string, string>();
  let trained = '';

  beforeAll(async () => {
    for (const plain of tf.getKernelsForBackend('cpu')) {
      if (walks.has(plain.kernelName)) continue;
      tf.unregisterKernel(plain.kernelName, 'cpu');
      tf.registerKernel({
        ...plain,
        kernelFunc(given) {
          const results = plain.kernelFunc(given);
          for (const { shape } of Array.isArray(results) ? results : [results])
            if (tf.util.sizeFromShape(shape) > most) left.set(`${plain.kernelName} [${shape.join(', ')}]`, trained);
          return results;
        },
      });
    }
    await openEngine('native');
  });

  it('no training leaves a large tensor to a kernel of TensorFlow.js that is slow with one', async () => {
    const engine = await openEngine('native');
    const precisions: readonly string[] = engine.precisions?.() ?? ['float32'];
    const able = combinations('pairs').tried.filter(({ spec }) => precisions.includes(spec.training.precision));
    for (const combination of able.filter((_, place) => place % 20 === 3)) {
      const { spec, name } = combination;
      trained = name;
      await trainCombination(
        { ...combination, spec: { ...spec, model: { ...spec.model, hiddenSize: 64, embeddingSize: 64 } } },
        engine,
      );
    }
    expect(Object.fromEntries(left)).toEqual({});
  });
});
