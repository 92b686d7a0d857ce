// Runs as a spec of a copy of the project that was extended as docs/extending.md says. The names are those of its examples.
import {
  cellNames,
  datasetKinds,
  defaultObjective,
  metricNames,
  optimizerKinds,
  samplerNames,
  stoppingRuleNames,
  sweepFileMarkdown,
  sweepJsonSchema,
  sweepSpec,
  taskKinds,
  trialSpec,
  validate,
  wholeStopping,
  type DatasetKind,
  type SweepSpec,
  type TaskKind,
  type TrialSpec,
} from '@unroll/contracts';
import { prepare } from '@unroll/datasets';
import { decideAt, firstTrials } from '@unroll/search';
import { combinations, openEngine, train, verifyTasks, type LaneReport } from '@unroll/training';
import { commentedSweep } from '../../../apps/cli/src/templates';

const names = ['leaky-rnn', 'causal-tagging', 'halton', 'threshold', 'sign-sgd', 'validation.errorRate'];
const trial = (changes: object = {}): TrialSpec =>
  validate(trialSpec, {
    dataset: { name: 'doors', split: { validation: 0.25 } },
    task: 'causal-tagging',
    model: { cell: 'leaky-rnn', hiddenSize: 12, embeddingSize: 6, ...changes },
    training: { optimizer: 'sign-sgd', learningRate: 0.01, batchSize: 8, updates: 120, reportEvery: 30 },
  });
const sweep = (changes: object = {}): SweepSpec =>
  validate(sweepSpec, {
    dataset: 'doors',
    task: 'causal-tagging',
    model: { cell: 'leaky-rnn' },
    training: { learningRate: { logUniform: [1e-4, 1e-1] } },
    search: { algorithm: 'halton', trials: 7 },
    stopping: { rule: 'threshold', worst: 0.5 },
    ...changes,
  });

/** A door is open or closed according to the last push or pull before it. */
function doors(sequences: number): Uint8Array {
  const words = (index: number): string[] => [...((index * 2654435761) >>> 0).toString(2).padStart(12, '0')];
  const lines = (index: number): string[] => {
    let state = 'closed';
    return words(index + 1).map((bit, at) => {
      if (at % 3 === 0) state = bit === '1' ? 'open' : 'closed';
      return `${at % 3 === 0 ? (bit === '1' ? 'pull' : 'push') : 'wait'} ${state}`;
    });
  };
  return Buffer.from(Array.from({ length: sequences }, (_, index) => lines(index).join('\n')).join('\n\n'));
}

it('is listed, documented and offered to editors', () => {
  const listed = [cellNames, taskKinds, samplerNames, stoppingRuleNames, optimizerKinds, metricNames].flat();
  expect(listed).toEqual(expect.arrayContaining(names));
  expect(datasetKinds).toContain('events');
  const documented = sweepFileMarkdown();
  const schema = JSON.stringify(sweepJsonSchema());
  for (const name of [...names, 'events']) expect(documented).toContain(`| \`${name}\` |`);
  for (const name of names) expect(schema).toContain(`"${name}"`);
  expect(commentedSweep('http://localhost/sweep.json', 'causal-tagging' as TaskKind)).toContain(
    'task: {kind: causal-tagging}',
  );
});

it('is refused where its definition says so', () => {
  expect(() => trial({ bidirectional: true })).toThrow(/model\.bidirectional/);
  expect(() => sweep({ stopping: { rule: 'threshold', minTrials: 3 } })).toThrow(
    'stopping.minTrials: is an option of median, not of threshold; leave it out',
  );
});

it('is searched over and stopped', () => {
  const rates = firstTrials(sweep(), 7).map(({ spec }) => spec.training.learningRate);
  expect(new Set(rates.map((rate) => Math.floor(Math.log10(rate))))).toEqual(new Set([-4, -3, -2]));
  const stopping = wholeStopping(sweep().stopping);
  const verdict = (value: number): string =>
    decideAt(stopping, 'minimize', { configuration: 0, rung: 0, curve: [{ update: 100, value }] }, []).decision;
  expect([verdict(0.4), verdict(0.6)]).toEqual(['continue', 'stop']);
});

it('is trained, and measured by its metric', async () => {
  const spec = trial();
  const { data, baselines } = prepare({ kind: 'events' as DatasetKind, bytes: doors(160) }, spec);
  expect(baselines).toMatchObject([{ name: 'most frequent class' }]);
  const reports: LaneReport[] = [];
  await train([{ id: 'a', spec }], data, {
    engine: await openEngine('auto'),
    onReport: (report) => void reports.push(report),
  });
  const rates = reports.map(({ metrics }) => metrics['validation.errorRate']!);
  expect(rates).toHaveLength(4);
  expect(rates[3]!).toBeLessThan(0.02);
  expect(rates[3]).toBeCloseTo(1 - reports[3]!.metrics['validation.accuracy']!, 6);
  // It was put first in the list of the task's metrics.
  expect(defaultObjective(spec.task.kind)).toMatchObject({ metric: 'validation.errorRate', goal: 'minimize' });
});

it('is trained by the conformance suite', async () => {
  const { tried } = combinations('pairs');
  const using = (test: (each: (typeof tried)[number]) => boolean) => tried.filter(test).slice(0, 2);
  const chosen = [
    using(({ input }) => String(input.task) === 'causal-tagging' && String(input.dataset) === 'events'),
    using(({ spec }) => String(spec.model.cell) === 'leaky-rnn'),
    using(({ spec }) => String(spec.training.optimizer.kind) === 'sign-sgd'),
  ];
  expect(chosen.map(({ length }) => length)).toEqual([2, 2, 2]);
  const verified = await verifyTasks(chosen.flat(), { engines: ['wasm'] });
  expect(verified.filter(({ problems }) => problems.length > 0)).toEqual([]);
});
