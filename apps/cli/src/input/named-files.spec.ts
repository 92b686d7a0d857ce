import { trialSpec, validate, type TrialSpec } from '@unroll/contracts';
import { fingerprint, prepare } from '@unroll/datasets';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openWordVectors } from './named-files';

const folder = mkdtempSync(join(tmpdir(), 'unroll-spec-'));
const text = Buffer.from('it was the best of times, it was the worst of times. '.repeat(20));
const [registered, other] = ['was 4 5 6\nbest 7 8 9\n', 'was 1 2 3\n'];
const trial = (embedding: string, content: string): TrialSpec =>
  validate(trialSpec, {
    dataset: 'times',
    task: { kind: 'language-model', tokens: 'word' },
    model: { embeddingSize: 3 },
    training: { initFrom: { embedding, fingerprint: fingerprint('vectors', Buffer.from(content)) } },
  });
const open = async (name: string, content: string): Promise<number> => {
  const spec = trial(name, content);
  const { data } = prepare({ kind: 'text', bytes: text }, spec);
  return (await openWordVectors(spec, join(folder, 'trial.yaml'), data)).vectors.size;
};

describe('word vectors of a trial that is trained here', () => {
  const server = createServer((request, response) => {
    if (request.url === '/v1/datasets/glove/content') response.end(registered);
    else response.writeHead(404).end('no data set');
  });
  const before = { ...process.env };
  beforeAll(async () => {
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    Object.assign(process.env, { UNROLL_URL: `http://127.0.0.1:${port}`, UNROLL_KEY: 'key' });
    jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  });
  afterAll(async () => {
    jest.restoreAllMocks();
    process.env = before;
    server.closeAllConnections();
    await new Promise((resolve) => void server.close(resolve));
    rmSync(folder, { recursive: true });
  });
  afterEach(() => rmSync(join(folder, 'glove'), { recursive: true, force: true }));

  it('are those of a file with their fingerprint, else those that are registered', async () => {
    writeFileSync(join(folder, 'glove'), other);
    expect(await open('glove', other)).toBe(1);
    expect(await open('glove', registered)).toBe(2);
  });

  it('are not a folder of their name', async () => {
    mkdirSync(join(folder, 'glove'));
    expect(await open('glove', registered)).toBe(2);
  });

  it('are refused in one line where neither has the fingerprint', async () => {
    writeFileSync(join(folder, 'glove'), other);
    const without = 'is not the file with the fingerprint that the trial gives';
    await expect(open('glove', 'the 1 2 3')).rejects.toThrow(`training.initFrom.embedding: glove ${without}`);
    writeFileSync(join(folder, 'mine'), other);
    await expect(open('mine', registered)).rejects.toThrow(
      `training.initFrom.embedding: ${join(folder, 'mine')} ${without}, and mine could not be loaded from a running stack (no data set)`,
    );
  });
});
