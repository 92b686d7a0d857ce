import { datasetKinds, taskKinds, tasks } from '@unroll/contracts';
import { readerFor, readers } from '.';

const combinations = taskKinds.flatMap((task) => tasks[task].datasets.map((dataset) => ({ task, dataset })));

describe('readers of data', () => {
  it.each(combinations)('has one for $dataset data and the task $task', ({ task, dataset }) => {
    expect(readerFor(dataset, task).dataset).toBe(dataset);
    const own = readers.filter((reader) => reader.dataset === dataset && reader.tasks?.includes(task));
    expect(own.length).toBeLessThanOrEqual(1);
  });

  it('has one reader per kind of data for all other tasks', () => {
    for (const kind of datasetKinds)
      expect(readers.filter(({ dataset, tasks }) => dataset === kind && tasks === undefined)).toHaveLength(1);
  });

  it('names a combination without a reader', () => {
    expect(() => readerFor('tables' as 'frames', 'forecasting')).toThrow(
      'there is no reader of tables data for the task forecasting',
    );
  });
});
