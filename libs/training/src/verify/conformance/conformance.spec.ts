import { cellNames, tasks, trialOptions, type EngineName, type TaskKind } from '@unroll/contracts';
import { openEngine } from '../../backends/open-engine';
import { replaceKernels, tf } from '../../tensor/tfjs';
import { everyFastEngine } from '../../testing/for-each-engine';
import { describeGpu, reason } from '../../testing/webgpu.fixture';
import { combinations, leftOut } from './combinations';
import { differences, float32Tolerance } from './compare';
import { taskInputs } from './data';
import { trainCombination } from './run';
import { referenceEngine, verifyTasks, type TaskVerification } from './verify-tasks';

const { tried, refused } = combinations('pairs');

/**
 * The trainings of the table that a spec runs: one of `every`, from place `first`. `unroll verify --tasks` runs them all, as
 * UNROLL_TEST_ALL=1 does here.
 */
const share = (every: number, first: number) =>
  process.env.UNROLL_TEST_ALL ? tried : tried.filter((_, place) => place % every === first);

const faults = (all: readonly TaskVerification[]): TaskVerification[] =>
  all.filter(({ problems }) => problems.length > 0);

describe('the combinations', () => {
  it('have every task with every kind of data that it reads, every cell, and every option of the contract', () => {
    const has = (test: (each: (typeof tried)[number]) => boolean): boolean => tried.some(test);
    for (const input of taskInputs())
      expect(
        has(
          (each) =>
            each.input.task === input.task && each.input.dataset === input.dataset && each.input.input === input.input,
        ),
      ).toBe(true);
    for (const cell of cellNames) expect(has(({ spec }) => spec.model.cell === cell)).toBe(true);
    // A fold without its index is one of a sweep.
    for (const kind of ['k-fold', 'forward-chaining'])
      expect(has(({ spec: { dataset } }) => dataset.fold?.kind === kind)).toBe(true);
    expect(has(({ spec: { dataset } }) => dataset.fold !== undefined && dataset.fold.index === undefined)).toBe(false);
    const varied = new Set(tried.flatMap(({ changed }) => changed));
    const fixed = trialOptions()
      .map(({ path }) => path)
      .filter((path) => !varied.has(path) && !leftOut.includes(path));
    // Their sizes, the same in all.
    expect(fixed).toEqual([
      'dataset.name',
      'dataset.split.validation',
      'task.lookback',
      'model.hiddenSize',
      'model.embeddingSize',
      'training.batchSize',
      'training.updates',
      'training.reportEvery',
      'training.learningRate',
    ]);
  });

  it('have every cell that a task accepts', () => {
    const able = (kind: TaskKind): number =>
      new Set(tried.filter(({ input }) => input.task === kind).map(({ spec }) => spec.model.cell)).size;
    expect(able('classification')).toBe(cellNames.length);
    for (const { kind, cells } of Object.values(tasks)) if (cells) expect(able(kind as TaskKind)).toBe(cells.length);
  });

  it('that are refused name the option that was given, and say why', () => {
    for (const { given, path, message } of refused) {
      expect([given, `${given}.kind`]).toContain(path);
      expect(message.length).toBeGreaterThan(10);
    }
    const find = (name: RegExp, given: string) => refused.find((each) => name.test(each.name) && each.given === given);
    for (const kind of ['transcription', 'tree-classification'])
      expect(find(new RegExp(`^${kind} .*lstm, `), 'model.batchNorm')!.message).toMatch(/^\S+ cannot use it: /);
  });
});

describe.each(everyFastEngine)('whole trainings on $label', ({ name }) => {
  it('give what they give on the engine cpu, resume bit for bit, and leave no tensor behind', async () => {
    const first = everyFastEngine.findIndex((each) => each.name === name);
    const engines: EngineName[] = [referenceEngine, name];
    const all = await verifyTasks(share(80, 40 * first), { engines });
    expect(faults(all)).toEqual([]);
    expect(all.length).toBeGreaterThan(4);
  });
});

describeGpu(`whole trainings on a GPU${reason}`, () => {
  it('give what they give on the engine cpu, resume bit for bit, and leave no tensor behind', async () => {
    const all = await verifyTasks(share(200, 37), { engines: ['webgpu'] });
    expect(faults(all)).toEqual([]);
    expect(all.length).toBeGreaterThan(0);
  });
});

describe('a training that is wrong', () => {
  const [plain] = tried;
  /** Faults of a training whose kernel `name` is replaced. */
  const withKernel = async (name: string, compute: (given: never) => unknown): Promise<string[]> => {
    await openEngine('wasm');
    const before = tf.getKernel(name, 'wasm').kernelFunc;
    replaceKernels('wasm', { [name]: compute });
    const all = await verifyTasks([plain!], { engines: ['wasm'] });
    replaceKernels('wasm', { [name]: before });
    return all[0]!.problems;
  };

  it('is found by its losses', async () => {
    const wrong = ({ inputs }: { inputs: { x: { shape: number[] } } }) => tf.fill(inputs.x.shape, 0.5);
    expect((await withKernel('Tanh', wrong))[0]).toMatch(/^(train|validation)\.\w+ at update 2 is .*, not /);
  });

  it('is found beyond ten times of what moving the first weights by their rounding changes', () => {
    const given = (loss: number) => {
      const reports = [{ update: 2, metrics: { 'train.loss': loss }, sample: undefined }];
      return {
        training: { result: { state: 'completed' as const, updates: 2 }, reports, checkpoint: undefined },
        answers: 0,
      };
    };
    const moved = given(1.002).training;
    expect(differences(given(1.01), given(1))).toEqual(['train.loss at update 2 is 1.01, not 1']);
    expect(differences(given(1.01), given(1), float32Tolerance, moved)).toEqual([]);
    expect(differences(given(1.03), given(1), float32Tolerance, moved)).toHaveLength(1);
  });

  it('is found by the tensors that it leaves', async () => {
    const leaving = (): undefined => void tf.keep(tf.scalar(1));
    expect((await withKernel('Tanh', leaving)).at(-1)).toMatch(/^\d+ tensors are left$/);
  });

  it('is found by what its resumed run changes', async () => {
    const resume = async (engine: EngineName, combination: (typeof tried)[number], checkpoint: Uint8Array) => {
      const training = await trainCombination(combination, await openEngine(engine), checkpoint);
      training.result.weights!['output.bias']!.values[0]! += 1e-7;
      return training;
    };
    const [verified] = await verifyTasks([plain!], { engines: ['wasm'], resume });
    expect(verified!.problems).toEqual(['resumed, it has other weights: output.bias']);
  });
});
