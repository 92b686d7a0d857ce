import { openArtifacts } from '@unroll/artifacts';
import { limits } from '@unroll/contracts';
import { renewLeases, takePrompt, tellPrompt, type TakenPrompt } from '@unroll/database';
import { pathToFileURL } from 'node:url';
import { useApi } from '../support/api';
import { useDatabase } from '../support/database';
import { readEvents, type Reader } from '../support/events';
import { temporaryFolder } from '../support/servers.cjs';
import { smallSweep, writeSweep } from '../support/sweeps';
import { addMember } from '../support/teams';
import { until } from '../support/until';

const artifacts = pathToFileURL(temporaryFolder()).href;
const dataSource = useDatabase();
const api = useApi(dataSource, () => ({ ARTIFACTS_URL: artifacts }));
const model = 'models/trial/attempt/4.safetensors';
const workerId = 'worker1';

const trialOf = async (sweep: Record<string, unknown> = {}): Promise<string> => {
  const id = await writeSweep(dataSource, smallSweep({ search: { trials: 1 }, ...sweep }));
  const [{ id: trial }] = await dataSource.query('select id from trials where sweep_id = $1', [id]);
  return trial;
};
const hasModel = (trial: string, name: string | null = model): Promise<unknown> =>
  dataSource.query('update trials set model = $2 where id = $1', [trial, name]);
const seen = (): Promise<unknown> =>
  renewLeases(dataSource, [], 20, {
    ...{ id: workerId, host: 'here', pid: 1, trainers: [2], engine: 'cpu', device: 'cpu', lanes: 4, slots: 1 },
    ...{ memoryUsed: 10, memoryTotal: 100, stepsPerSecond: 7.5 },
  });

const ask = (trial: string, body: object, who: Pick<typeof api, 'post'> = api): Promise<Response> =>
  who.post(`/v1/trials/${trial}/generate`, body);
const readers: Reader[] = [];
const listen = async (trial: string, body: object): Promise<Reader> => {
  const headers = { 'content-type': 'application/json' };
  const call: typeof api.call = (path, { signal } = {}) =>
    api.call(path, { method: 'POST', body: JSON.stringify(body), headers, ...(signal ? { signal } : {}) });
  const reader = await readEvents({ call }, `/v1/trials/${trial}/generate`);
  readers.push(reader);
  return reader;
};
const take = async (): Promise<TakenPrompt> => {
  let taken: TakenPrompt | undefined;
  await until(async () => (taken = await takePrompt(dataSource, workerId)) !== undefined);
  return taken!;
};
const count = async (): Promise<number> =>
  (await dataSource.query('select count(*)::integer as count from prompts'))[0].count;

describe('a prompt', () => {
  let trial: string;
  beforeAll(async () => {
    await openArtifacts(artifacts).put(model, Buffer.from('a model'));
    trial = await trialOf();
    await hasModel(trial);
  });
  beforeEach(seen);
  afterEach(async () => {
    await Promise.all(readers.splice(0).map((reader) => reader.close()));
    await until(async () => (await count()) === 0);
  });

  it('is answered as a worker writes, whatever it writes, and forgotten afterwards', async () => {
    const reader = await listen(trial, { prompt: 'to\0 be', temperature: 2 });
    const taken = await take();
    expect(taken).toMatchObject({ model, body: { prompt: 'to\0 be', temperature: 2 } });
    expect(await takePrompt(dataSource, 'worker2')).toBeUndefined();
    const tell = (pieces: string[], end?: 'done') => tellPrompt(dataSource, workerId, taken.id, { pieces, end });
    expect(await tell(['a\0', '\ud800'])).toBe(true);
    const first = await reader.first(({ event }) => event === 'text');
    expect(first.data.text).toBe('a\0\ud800');
    expect(await tell([])).toBe(true);
    expect(await tell(['"b'], 'done')).toBe(true);
    await reader.ended;
    expect(reader.events.map(({ event, data }) => [event, data])).toEqual([
      ['text', { text: 'a\0\ud800' }],
      ['text', { text: '"b' }],
      ['done', {}],
    ]);
    await until(async () => (await count()) === 0);
    expect(await tell(['more'])).toBe(false);
  });

  it('tells the worker that nobody waits any longer when the reader leaves', async () => {
    const reader = await listen(trial, { prompt: 'a' });
    const { id } = await take();
    await reader.close();
    await until(async () => !(await tellPrompt(dataSource, workerId, id, { pieces: ['b'] })));
  });

  it('prefers a model that the worker has at hand, and otherwise goes by age', async () => {
    const other = await trialOf();
    await openArtifacts(artifacts).put('models/other/attempt/4.safetensors', Buffer.from('another'));
    await hasModel(other, 'models/other/attempt/4.safetensors');
    await listen(trial, { prompt: 'first' });
    await listen(other, { prompt: 'second' });
    await listen(trial, { prompt: 'third' });
    await until(async () => (await count()) === 3);
    const prompts: string[] = [];
    for (const atHand of [['models/other/attempt/4.safetensors'], [], []])
      prompts.push((await takePrompt(dataSource, workerId, atHand))!.body.prompt);
    expect(prompts).toEqual(['second', 'first', 'third']);
  });

  it.each([
    ['waits in vain for a worker', false, /^no worker has taken the prompt within 20 s: .+ unroll worker/],
    ['is with a worker that has died', true, 'the worker that wrote this has been silent for 15 s: ask again'],
  ])('that %s ends in one line', async (_, isTaken, message) => {
    const reader = await listen(trial, { prompt: 'a' });
    if (isTaken) await take();
    await dataSource.query(`update prompts set heard_at = heard_at - interval '1 minute'`);
    expect((await reader.first(({ event }) => event === 'failed')).data.message).toEqual(
      expect.stringMatching(message),
    );
    await reader.ended;
  });

  it('that a worker cannot answer ends with why', async () => {
    const reader = await listen(trial, { prompt: '%' });
    const { id } = await take();
    const message = 'the prompt: the model does not know the character "%"';
    await tellPrompt(dataSource, workerId, id, { pieces: [], end: 'failed', message });
    await reader.ended;
    expect(reader.events.map(({ data }) => data)).toEqual([{ message }]);
  });

  it('is refused in one line, and nothing is asked, where it cannot be answered', async () => {
    const [bare, other, gone] = [await trialOf(), await trialOf({ task: 'classification' }), await trialOf()];
    await hasModel(gone, 'models/no/such/4.safetensors');
    const pairs = await trialOf({ task: 'sequence-to-sequence' });
    await hasModel(pairs);
    const cases = [
      [trial, {}, 422, 'prompt: '],
      [trial, { prompt: 'a', temprature: 1 }, 422, 'temprature: unknown key; did you mean temperature?'],
      [trial, { prompt: 'a', length: 0 }, 422, 'length: '],
      [trial, { prompt: 'a'.repeat(limits.promptLength + 1) }, 422, 'prompt: '],
      [trial, { prompt: 'a', beam: 2, seed: 1 }, 422, 'seed: a beam searches and draws nothing'],
      [pairs, { prompt: 'a', temperature: 1 }, 422, 'temperature: a sequence-to-sequence model searches'],
      [pairs, { prompt: 'a\nb' }, 422, 'prompt: must be one line of text'],
      [bare, { prompt: 'a' }, 409, `trial ${bare} is pending and has no model`],
      [gone, { prompt: 'a' }, 409, `trial ${gone} has a model that is no longer stored`],
      [other, { prompt: 'a' }, 409, `trial ${other} is of the task classification, which answers no prompt`],
    ] as const;
    for (const [id, body, status, message] of cases) {
      const answer = await ask(id, body);
      const { detail } = (await answer.json()) as { detail: string };
      expect([answer.status, detail]).toEqual([status, expect.stringContaining(message)]);
      expect(detail).not.toContain('\n');
    }
    const viewer = await addMember(api, api, 'Vera', 'viewer');
    expect((await ask(trial, { prompt: 'a' }, viewer)).status).toBe(403);
    expect(await count()).toBe(0);
  });

  it('is refused where no worker runs', async () => {
    await dataSource.query('delete from workers');
    const answer = await ask(trial, { prompt: 'a' });
    const { detail } = (await answer.json()) as { detail: string };
    expect([answer.status, detail]).toEqual([
      503,
      'no worker runs that could answer: start one with: unroll worker (unroll start runs one)',
    ]);
  });

  it('is refused while the team has as many as may be answered at once', async () => {
    const open = await Promise.all(Array.from({ length: limits.prompts }, () => listen(trial, { prompt: 'a' })));
    const refused = await ask(trial, { prompt: 'a' });
    expect([refused.status, ((await refused.json()) as any).detail]).toEqual([
      429,
      expect.stringContaining(`the team has ${limits.prompts} prompts`),
    ]);
    // One whose server has died does not count once it has expired.
    await Promise.all(open.map((reader) => reader.close()));
    await until(async () => (await count()) === 0);
    await dataSource.query(
      `insert into prompts (id, team_id, model, body, expires_at)
       select 'old' || n, 'local', 'm', '{}', clock_timestamp() - interval '1 s' from generate_series(1, $1) n`,
      [limits.prompts],
    );
    await listen(trial, { prompt: 'b' });
    expect((await take()).body.prompt).toBe('b');
  });
});
