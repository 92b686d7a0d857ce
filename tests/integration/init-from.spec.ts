import { Trial } from '@unroll/database';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { uploadDataset, useApi } from '../support/api';
import { useDatabase } from '../support/database';
import { smallSweep, writeSweep } from '../support/sweeps';
import { allowAnyState } from '../support/unguarded';

const dataSource = useDatabase();
const api = useApi(dataSource);

/** Two trials of an RNN with 8 units; only the first has a model. */
let withModel: string;
let without: string;

beforeAll(async () => {
  const sweepId = await writeSweep(dataSource, smallSweep({ search: { trials: 2 } }));
  const trials = await dataSource.getRepository(Trial).find({ where: { sweepId }, order: { number: 'ASC' } });
  [withModel, without] = trials.map(({ id }) => id) as [string, string];
  await allowAnyState(dataSource);
  await dataSource.getRepository(Trial).update({ id: withModel }, { state: 'completed', model: 'checkpoints/a' });
});

const sweep = (start: unknown, model: object = {}) => ({
  dataset: 'typescript-declarations',
  task: 'language-model',
  model: { cell: 'rnn', hiddenSize: 8, embeddingSize: 4, ...model },
  training: { bptt: 4, batchSize: 2, updates: 4, initFrom: start },
});

describe('a sweep that starts from a trial', () => {
  it('stores the full id, whichever prefix was given', async () => {
    for (const trial of [withModel, withModel.slice(0, 7), { choice: [withModel.slice(0, 7)] }]) {
      const response = await api.post('/v1/sweeps', sweep({ trial }));
      expect(response.status).toBe(201);
      const { id } = (await response.json()) as { id: string };
      const [row] = await dataSource.query('select spec from sweeps where id = $1', [id]);
      expect(JSON.stringify(row.spec.training.initFrom)).toContain(`"${withModel}"`);
    }
  });

  it.each([
    ['an unknown trial', () => sweep({ trial: 'zzzzzzzz' }), 'training.initFrom.trial: no trial zzzzzzzz'],
    [
      'a trial without a model',
      () => sweep({ trial: without }),
      /training\.initFrom\.trial: trial \w{8} is pending and has no model; name a completed one/,
    ],
    [
      'a file',
      () => sweep({ model: 'a.safetensors' }),
      'training.initFrom.model: a file is for unroll train only; name a trial of this server with training.initFrom.trial',
    ],
    [
      'a network of another size in one of the drawn configurations',
      () => sweep({ trial: withModel }, { hiddenSize: { grid: [8, 16] } }),
      'model.hiddenSize: is 16, but the model that training.initFrom names has 8',
    ],
  ])('is refused for %s, and nothing is written', async (_, body, message) => {
    const count = 'select count(*)::integer as count from sweeps';
    const [before] = await dataSource.query(count);
    for (const path of ['/v1/sweeps', '/v1/sweeps?dryRun=true']) {
      const response = await api.post(path, body());
      expect(response.status).toBe(422);
      const { detail } = (await response.json()) as { detail: string };
      expect(detail).toMatch(message);
      expect(detail).not.toContain('\n');
    }
    expect(await dataSource.query(count)).toEqual([before]);
  });
});

describe('a sweep that starts from word vectors', () => {
  const vectors = 'of 1 2 3 4\nthe 5 6 7 8\n';
  const words = (initFrom: object, model: object = {}) => ({
    ...sweep(initFrom, model),
    task: { kind: 'language-model', tokens: 'word' },
  });
  const add = async (name: string, kind: string, content: string) => {
    const response = await uploadDataset(api, name, kind, content);
    return { status: response.status, body: (await response.json()) as Record<string, any> };
  };
  let fingerprint = '';
  beforeAll(async () => {
    const { status, body } = await add('glove', 'vectors', vectors);
    expect({ status, summary: body.summary }).toEqual({
      status: 201,
      summary: ['vectors of 4 numbers, the first of: of the'],
    });
    ({ fingerprint } = body as { fingerprint: string });
    await add('prose', 'text', 'a text about words. '.repeat(50));
  });

  it('identifies them by their fingerprint, and keeps them while it runs', async () => {
    const response = await api.post('/v1/sweeps', words({ embedding: 'glove' }));
    expect(response.status).toBe(201);
    const { id } = (await response.json()) as { id: string };
    const [row] = await dataSource.query('select spec, datasets from sweeps where id = $1', [id]);
    expect(row.spec.training.initFrom.embedding).toBe('glove');
    expect(row.datasets.glove).toBe(fingerprint);
    const removed = await api.call('/v1/datasets/glove', { method: 'DELETE' });
    expect([removed.status, ((await removed.json()) as any).detail]).toEqual([
      409,
      expect.stringContaining(`glove is used by sweep ${id}`),
    ]);
  });

  it.each([
    [
      'some of another width in one of the drawn configurations',
      () => words({ embedding: 'glove' }, { embeddingSize: { grid: [4, 8] } }),
      'training.initFrom.embedding: glove has vectors of 4 numbers, not 8; set model.embeddingSize: 4',
    ],
    [
      'some that are not registered',
      () => words({ embedding: 'glov' }),
      'training.initFrom.embedding: no data of the kind vectors is registered as glov; did you mean glove?',
    ],
    [
      'a file',
      () => words({ embedding: '../my vectors.txt' }),
      'first run "npx unroll dataset add NAME FILE --kind vectors"',
    ],
    [
      'data of another kind',
      () => words({ embedding: 'prose' }),
      'training.initFrom.embedding: prose is data of the kind text, not vectors',
    ],
    [
      'others than those that it identifies',
      () => words({ embedding: 'glove', fingerprint: 'f'.repeat(64) }),
      /training\.initFrom\.fingerprint: is not that of glove, which is [0-9a-f]{64}; leave it out/,
    ],
    [
      'some as its data',
      () => ({ ...words({ embedding: 'glove' }), dataset: 'glove' }),
      'task: language-model requires data of kind text, but glove is vectors',
    ],
  ])('is refused for %s', async (_, body, message) => {
    const response = await api.post('/v1/sweeps?dryRun=true', body());
    const { detail } = (await response.json()) as { detail: string };
    expect({ status: response.status, detail }).toEqual({ status: 422, detail: expect.stringMatching(message) });
    expect(detail).not.toContain('\n');
  });

  it('cannot be edited so that they no longer fit', async () => {
    const created = await api.post('/v1/sweeps', words({ embedding: 'glove' }));
    const { id } = (await created.json()) as { id: string };
    const { model } = words({ embedding: 'glove' });
    const edit = async (embeddingSize: unknown, hiddenSize: number) => {
      const body = JSON.stringify({ model: { ...model, embeddingSize, hiddenSize } });
      const init = { method: 'PATCH', body, headers: { 'content-type': 'application/json' } };
      const response = await api.call(`/v1/sweeps/${id}`, init);
      return { status: response.status, said: (await response.json()) as Record<string, any> };
    };
    expect(await edit({ choice: [4, 8] }, 8)).toMatchObject({
      status: 422,
      said: {
        detail: 'training.initFrom.embedding: glove has vectors of 4 numbers, not 8; set model.embeddingSize: 4',
      },
    });
    const [row] = await dataSource.query('select spec, edits from sweeps where id = $1', [id]);
    expect([row.spec.model.embeddingSize, row.edits]).toEqual([4, 0]);
    expect(await edit(4, 12)).toMatchObject({ status: 200 });
  });

  it('is refused for an upload that is no text of word vectors', async () => {
    const { status, body } = await add('none', 'vectors', 'words without numbers\n');
    expect([status, body.detail]).toEqual([422, expect.stringContaining('file: is no text of word vectors')]);
  });
});

describe('a sweep whose trials read their text by a tokenizer', () => {
  const fixture = readFileSync(join(__dirname, '..', 'interchange', 'fixtures', 'tokenizer', 'tokenizer.json'), 'utf8');
  const words = (tokenizer: unknown) => ({
    ...sweep(undefined),
    task: { kind: 'language-model', tokens: 'subword', tokenizer },
  });
  const send = async (path: string, body: unknown) => {
    const response = await api.post(path, body);
    return { status: response.status, said: (await response.json()) as Record<string, any> };
  };

  it('identifies it by its fingerprint, and reads the text by it before anything is submitted', async () => {
    const added = await uploadDataset(api, 'small', 'tokenizer', fixture);
    const view = (await added.json()) as Record<string, any>;
    expect([added.status, view.summary]).toEqual([
      201,
      ['byte-level BPE of 341 tokens with 82 merges, 3 of them added: <|end|> <|endoftext|> ==>'],
    ]);
    const planned = await send('/v1/sweeps?dryRun=true', words('small'));
    expect(planned.said.data).toContainEqual(expect.stringMatching(/subwords, 341 different/));
    const { status, said } = await send('/v1/sweeps', words({ choice: ['small'] }));
    expect(status).toBe(201);
    const [row] = await dataSource.query('select datasets from sweeps where id = $1', [said.id]);
    expect(row.datasets.small).toBe(view.fingerprint);
  });

  it.each([
    ['smal', 'task.tokenizer: no data of the kind tokenizer is registered as smal; did you mean small?'],
    [{ name: 'small', fingerprint: 'f'.repeat(64) }, 'task.tokenizer.fingerprint: is not that of small'],
    ['glove', 'task.tokenizer: glove is data of the kind vectors, not tokenizer'],
  ])('is refused for %j', async (tokenizer, message) => {
    expect(await send('/v1/sweeps?dryRun=true', words(tokenizer))).toMatchObject({
      status: 422,
      said: { detail: expect.stringContaining(message) },
    });
  });

  it('is refused when it is registered where it would be read as another', async () => {
    const response = await uploadDataset(api, 'other', 'tokenizer', fixture.replace('"BPE"', '"WordPiece"'));
    expect([response.status, ((await response.json()) as any).detail]).toEqual([
      422,
      'file: model.type: is "WordPiece", and only BPE is read',
    ]);
  });
});
