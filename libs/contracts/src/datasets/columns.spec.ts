import { trialSpec } from '../trial-spec';
import type { ValidationError } from '../validation';
import { validate } from '../validation';
import { missingPolicy } from './columns';

const dataset = (options: object) =>
  validate(trialSpec, { dataset: { name: 'a', ...options }, task: 'forecasting' }).dataset;
const refusals = (options: object): [string, string][] => {
  try {
    dataset(options);
    return [];
  } catch (error) {
    return (error as ValidationError).errors.map(({ path, message }) => [path, message]);
  }
};

describe('options of columns', () => {
  it('may be bare words', () => {
    expect(dataset({ time: 'date' }).time).toEqual({ column: 'date' });
    expect(dataset({ missing: 'drop' }).missing).toBe('drop');
    expect(missingPolicy(dataset({ missing: { values: [-9999, '?'] } }).missing)).toEqual({
      fill: 'error',
      values: [-9999, '?'],
    });
    expect(missingPolicy('previous')).toEqual({ fill: 'previous', values: [] });
    expect(dataset({ series: ['store', 'item'] }).series).toEqual(['store', 'item']);
  });

  it.each([
    [
      { time: { column: 'date', zone: 'Europe/Berln' } },
      'dataset.time.zone',
      'is no time zone: give a name such as Europe/Berlin, or UTC',
    ],
    [{ time: { column: 'date', format: '%Y-%m-%d' } }, 'dataset.time.format', "must use Luxon's letters: yyyy, MM, dd"],
    [
      { time: { column: 'date', format: 'YYYY-MM-DD' } },
      'dataset.time.format',
      "must use Luxon's letters: yyyy, MM, dd",
    ],
    [{ time: { colum: 'date' } }, 'dataset.time.colum', 'did you mean column?'],
    [{ missing: 'previos' }, 'dataset.missing', 'did you mean previous?'],
    [{ missing: { fill: 'previos' } }, 'dataset.missing.fill', 'did you mean previous?'],
    [
      { gaps: 'insert' },
      'dataset.gaps',
      'insert adds rows without values, which dataset.missing: error refuses; set previous or interpolate',
    ],
    [{ gaps: 'insert', missing: { fill: 'drop' } }, 'dataset.gaps', 'which dataset.missing: drop drops'],
    [{ series: 'date', time: 'date' }, 'dataset.series', 'must be another column than dataset.time.column'],
    [{ text: 'a', label: 'a' }, 'dataset.label', 'must be another column than dataset.text'],
    [{ decimal: ';' }, 'dataset.decimal', 'is not one of ., ,'],
  ])('are refused: %j', (options, path, message) => {
    expect(refusals(options)).toContainEqual([path, expect.stringContaining(message)]);
  });

  it('allow letters within quotes, and rows inserted where they are filled', () => {
    expect(refusals({ time: { column: 'date', format: "yyyy'Y'" } })).toEqual([]);
    expect(refusals({ gaps: 'insert', missing: 'interpolate' })).toEqual([]);
  });
});
