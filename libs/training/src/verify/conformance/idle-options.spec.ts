import { idleOnData, idleOptions } from '@unroll/contracts';
import { prepare, stepKind } from '@unroll/datasets';
import type { Engine } from '../../backends/engine/engine';
import { openEngine } from '../../backends/open-engine';
import { singleOptions, type Combination } from './combinations';
import { tinyData } from './data';
import { trainCombination } from './run';

/** Options that change a training wherever nothing is said of them. */
const always = [
  'model.dropout',
  'model.residual',
  'training.augmentation.jitter',
  'training.augmentation.timeMasking',
  'training.augmentation.tokenDropout',
];
/** Options of which something may be said, and whose effect also depends on the data. */
const sometimes = ['dataset.splitSeed', 'task.huberDelta', 'task.vocabulary'];

/** What is said of a trial: the paths of options without an effect. */
function saidOf({ input, spec }: Combination): string[] {
  const { data } = prepare(tinyData(input), spec);
  const all = [...idleOptions([spec]), ...idleOnData([spec], stepKind(data))];
  return all.map((line) => line.split(' ')[0]!);
}

async function trained(combination: Combination, engine: Engine): Promise<string> {
  const { result, reports } = await trainCombination(combination, engine);
  const weights = Object.entries(result.weights ?? {}).map(([name, { values }]) => [name, Array.from(values)]);
  return JSON.stringify([result.metrics, result.test, weights, reports]);
}

describe('an option that has no effect', () => {
  it.each(singleOptions('lstm').map((each) => [each.plain.name, each] as const))(
    'is said to have none, and no other, in %s',
    async (_, { plain, changed }) => {
      const engine = await openEngine('auto');
      const before = await trained(plain, engine);
      for (const each of changed.filter(({ changed: [path] }) => [...always, ...sometimes].includes(path!))) {
        const [path] = each.changed as [string];
        const isIdle = (await trained(each, engine)) === before;
        if (always.includes(path) || !isIdle)
          expect([each.name, isIdle]).toEqual([each.name, saidOf(each).includes(path)]);
      }
    },
  );
});
