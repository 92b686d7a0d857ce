import { datasetKinds, taskKinds, tasks } from '@unroll/contracts';
import { readerFor, readers } from '.';

const combinations = taskKinds.flatMap((task) => tasks[task].datasets.map((dataset) => ({ task, dataset })));

describe('readers of data', () => {
  it.each(combinations)('has one for $dataset data and the task $task', ({ task, dataset }) => {
    expect(readerFor(dataset, task).dataset).toBe(dataset);
    const own = readers.filter((reader) => reader.dataset === dataset && reader.tasks?.includes(task));
    expect(own.length).toBeLessThanOrEqual(1);
  });

  it('reads for every other task of a kind of data with one reader', () => {
    for (const kind of datasetKinds)
      expect(readers.filter(({ dataset, tasks }) => dataset === kind && tasks === undefined)).toHaveLength(1);
  });

  it('says which combination nothing reads', () => {
    expect(() => readerFor('tables' as 'frames', 'forecasting')).toThrow(
      'nothing reads tables data for the task forecasting',
    );
  });
});
