import { renameKeys } from './renamed-keys';
import { sweepSpec } from './sweep-spec';
import { validate } from './validation';

describe('renameKeys', () => {
  it('renames training.start and search.start, with a notice for each', () => {
    const { document, notices } = renameKeys({
      dataset: 'parity',
      task: 'classification',
      training: { updates: 5, start: { trial: 'abc' }, batchSize: 2 },
      search: { trials: 2, start: [{ model: { cell: 'gru' } }] },
    });
    expect(document).toMatchObject({
      training: { initFrom: { trial: 'abc' } },
      search: { enqueue: [{ model: { cell: 'gru' } }] },
    });
    expect(notices.map(({ path, message }) => `${path} ${message}`)).toEqual([
      'training.start is now called initFrom; the old name will be refused from 0.3.0 on',
      'search.start is now called enqueue; the old name will be refused from 0.3.0 on',
    ]);
    expect(() => validate(sweepSpec, document)).not.toThrow();
  });

  it('keeps the order of keys, in which trials are sampled', () => {
    const { document } = renameKeys({ training: { updates: 5, start: { trial: 'abc' }, batchSize: 2 } });
    expect(Object.keys((document as { training: object }).training)).toEqual(['updates', 'initFrom', 'batchSize']);
  });

  it('renames inside the options of a distribution', () => {
    const { document } = renameKeys({ training: { choice: [{ start: { trial: 'abc' } }, { updates: 3 }] } });
    expect(document).toEqual({ training: { choice: [{ initFrom: { trial: 'abc' } }, { updates: 3 }] } });
  });

  it('leaves a document with current names, or no document, unchanged', () => {
    for (const document of [{ training: { initFrom: { trial: 'abc' } }, start: 1 }, 'text', null, [1], 5])
      expect(renameKeys(document)).toEqual({ document, notices: [] });
  });

  it('refuses a key under both names', () => {
    expect(() => renameKeys({ search: { start: [], enqueue: [] } })).toThrow(
      'search.start: is the old name of enqueue, which is given too',
    );
  });
});
