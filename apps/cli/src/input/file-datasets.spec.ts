import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nameBeside } from './file-datasets';

const folder = mkdtempSync(join(tmpdir(), 'unroll-spec-'));
afterAll(() => rmSync(folder, { recursive: true }));
const [sweep, vectors] = [join(folder, 'sweep.yaml'), join(folder, 'My vectors.txt')];
writeFileSync(vectors, 'the 1 2\n');

describe('the word vectors and tokenizers that a sweep file names', () => {
  it('get the names of their files, also in lists, and those that are registered keep theirs', async () => {
    const training = {
      freeze: ['embedding'],
      initFrom: { choice: [{ embedding: 'My vectors.txt' }, { embedding: { grid: ['glove', vectors] } }] },
    };
    const { named, files } = await nameBeside({ training }, sweep);
    const name = expect.stringMatching(/^my-vectors-[0-9a-f]{6}$/);
    expect(named).toEqual({
      training: {
        freeze: ['embedding'],
        initFrom: { choice: [{ embedding: name }, { embedding: { grid: ['glove', name] } }] },
      },
    });
    expect(files).toEqual([{ name, path: vectors, kind: 'vectors', option: 'training.initFrom.embedding' }]);
  });

  it('may be written as an object', async () => {
    const task = { tokenizer: { name: 'My vectors.txt' }, name: 'My vectors.txt' };
    const { named } = await nameBeside({ task }, sweep);
    expect(named).toEqual({ task: { tokenizer: { name: expect.stringMatching(/^my-/) }, name: 'My vectors.txt' } });
  });

  it('get these names where they are enqueued, too', async () => {
    const task = (tokenizer: unknown) => ({ tokenizer });
    const document = (first: unknown, others: unknown[]) => ({
      task: task({ choice: [first, 'gpt2'] }),
      search: {
        trials: 4,
        enqueue: [...others.map((each) => ({ task: task(each) })), { 'task.tokenizer': others[0] }],
      },
    });
    const given = ['My vectors.txt', './My vectors.txt', { name: vectors }, 'gpt2', './none.json'];
    const { named, files } = await nameBeside(document('My vectors.txt', given), sweep);
    const { name } = files[0]!;
    expect(files).toHaveLength(1);
    expect(named).toEqual(document(name, [name, name, { name }, 'gpt2', './none.json']));
  });

  it('are registered ones where a folder has their name, and refused where no other name would do', async () => {
    for (const name of ['glove', 'Glo ve']) mkdirSync(join(folder, name));
    const from = (embedding: string) => ({ training: { initFrom: { embedding } } });
    expect(await nameBeside(from('glove'), sweep)).toEqual({ named: from('glove'), files: [] });
    await expect(nameBeside(from('Glo ve'), sweep)).rejects.toThrow(
      `training.initFrom.embedding: ${join(folder, 'Glo ve')} is not a file`,
    );
  });

  it('are refused where they are neither a file nor a name', async () => {
    await expect(nameBeside({ task: { tokenizer: './gpt 2.json' } }, sweep)).rejects.toThrow(
      `task.tokenizer: ${join(process.cwd(), 'gpt 2.json')} does not exist`,
    );
  });
});
