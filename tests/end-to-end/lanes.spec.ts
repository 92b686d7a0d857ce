import { succeeds } from '../support/cli';
import { withStack } from '../support/stack';

const text = 'it was the best of times, it was the worst of times. '.repeat(40);

/** Trials of different lengths and widths, all of one signature. */
const sweep = {
  name: 'lanes',
  dataset: 'times',
  task: 'language-model',
  model: { cell: 'lstm', hiddenSize: { grid: [8, 20] }, embeddingSize: 6 },
  training: { bptt: 8, batchSize: 4, updates: { grid: [30, 60, 120, 240, 480] }, reportEvery: 60, learningRate: 0.01 },
  search: { algorithm: 'grid' },
};

interface Ran {
  /** Value and final metrics of each trial, by its parameters. */
  values: Record<string, unknown>;
  lanes: number[];
  /** The number of attempts in each group. */
  groups: number[];
  states: string[];
}

/** Runs the sweep with `lanes` lanes in one trainer. */
function ran(lanes: number): Promise<Ran> {
  return withStack({ UNROLL_LANES: String(lanes) }, async ({ api, unroll, write }) => {
    await succeeds(unroll('dataset', 'add', 'times', write('times.txt', text), '--kind', 'text'));
    const { code, stderr } = await unroll('sweep', 'submit', write('sweep.json', JSON.stringify(sweep)), '--watch');
    if (code !== 0) throw new Error(stderr);
    const { items } = await api('/v1/sweeps/last/trials');
    const attempts = (
      await Promise.all(items.map(async ({ id }: any) => (await api(`/v1/trials/${id}/attempts`)).items))
    ).flat() as { groupId: string; state: string }[];
    const counts = new Map<string, number>();
    for (const { groupId } of attempts) counts.set(groupId, (counts.get(groupId) ?? 0) + 1);
    return {
      values: Object.fromEntries(
        items.map(({ parameters, value, metrics, updates }: any) => [
          JSON.stringify(parameters),
          [value, metrics, updates],
        ]),
      ),
      lanes: items.map(({ lanes: own }: any) => own),
      groups: [...counts.values()],
      states: attempts.map(({ state }) => state),
    };
  });
}

describe('a sweep of trials of different lengths', () => {
  it('refills lanes that become free while others train; each trial gets the numbers that it gets alone', async () => {
    const together = await ran(3);
    // How many join in time depends on the machine; without refilling no group has more than three.
    expect(Math.max(...together.groups)).toBeGreaterThan(3);
    // A trial that joins a group which is just ending is released, and trains in the next one.
    expect(together.states.filter((state) => state !== 'released')).toEqual(Array(10).fill('succeeded'));
    expect(Math.max(...together.lanes)).toBe(3);
    const alone = await ran(1);
    expect(alone.lanes).toEqual(Array(10).fill(1));
    expect(together.values).toEqual(alone.values);
  }, 180_000);
});
