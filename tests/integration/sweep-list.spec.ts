import { SelectQueryBuilder, type ObjectLiteral } from 'typeorm';
import { useApi } from '../support/api';
import { useDatabase } from '../support/database';
import { letters, smallSweep, writeSweep } from '../support/sweeps';

const dataSource = useDatabase({ clear: true });
const api = useApi(dataSource);

interface Shown {
  items: { id: string; name: string; [key: string]: any }[];
  total: number;
  nextCursor: string | null;
}

const list = async (query = ''): Promise<Shown> => (await (await api.call(`/v1/sweeps${query}`)).json()) as Shown;
const named = async (query: string): Promise<string[]> => (await list(query)).items.map(({ name }) => name);
const patch = (path: string, body: unknown): Promise<Response> =>
  api.call(path, { method: 'PATCH', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });

/** Three paused sweeps of different owners, data, states and times. */
async function three(): Promise<string[]> {
  const ids: string[] = [];
  for (const [index, name] of ['Alpha LSTM', 'beta_100%', 'gamma'].entries()) {
    const id = await writeSweep(
      dataSource,
      smallSweep({ name, model: { cell: 'rnn', hiddenSize: { choice: [4, 8] } } }),
    );
    await dataSource.query(
      `update sweeps set owner = $2, datasets = $3, created_at = $4, state = $5,
         finished_at = case when $5 = 'cancelled' then clock_timestamp() - make_interval(days => $6) end where id = $1`,
      [
        ...[id, ['Ada', 'Grace', 'Ada'][index], `{"${index === 1 ? 'music' : 'tiny'}": "print"}`],
        ...[`2026-0${index + 1}-15T12:00:00Z`, index === 2 ? 'paused' : 'cancelled', index],
      ],
    );
    ids.push(id);
  }
  return ids;
}

describe('the list of sweeps', () => {
  it('finds them by name, id, data set, owner, tag, state, parameter and time, with how many there are', async () => {
    const [alpha, beta] = await three();
    await patch(`/v1/sweeps/${alpha}/details`, { tags: ['paper', 'lstm'] });
    await patch(`/v1/sweeps/${beta}/details`, { tags: ['paper'] });
    expect(await named('')).toEqual(['gamma', 'beta_100%', 'Alpha LSTM']);
    expect(await named('?search=lstm')).toEqual(['Alpha LSTM']);
    expect(await named('?search=a_100%25')).toEqual(['beta_100%']);
    expect(await named(`?search=${beta!.slice(0, 7)}`)).toEqual(['beta_100%']);
    expect(await named('?dataset=tiny')).toEqual(['gamma', 'Alpha LSTM']);
    expect(await named('?owner=Ada&state=paused')).toEqual(['gamma']);
    expect(await named('?state=paused&state=cancelled')).toHaveLength(3);
    expect(await named('?tag=paper')).toEqual(['beta_100%', 'Alpha LSTM']);
    expect(await named('?tag=paper&tag=lstm')).toEqual(['Alpha LSTM']);
    expect(await named('?since=2026-02-01&until=2026-03-01')).toEqual(['beta_100%']);
    expect(await named('?parameter=model.hiddenSize')).toHaveLength(3);
    expect(await named('?parameter=model.layers')).toEqual([]);
    expect(await list('?owner=Ada&limit=1')).toMatchObject({ total: 2, items: [{ name: 'gamma' }] });
  });

  it.each([
    ['sort=name', ['Alpha LSTM', 'beta_100%', 'gamma']],
    ['sort=name&order=desc', ['gamma', 'beta_100%', 'Alpha LSTM']],
    ['sort=owner', ['Alpha LSTM', 'gamma', 'beta_100%']],
    ['sort=created&order=asc', ['Alpha LSTM', 'beta_100%', 'gamma']],
    ['sort=finished', ['gamma', 'Alpha LSTM', 'beta_100%']],
  ])('is sorted and paged with %s, each sweep once', async (query, expected) => {
    await three();
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { items, nextCursor, total }: Shown = await list(`?${query}&limit=1${cursor && `&cursor=${cursor}`}`);
      expect(total).toBe(3);
      seen.push(...items.map(({ name }) => name));
      cursor = nextCursor;
    }
    // Rows of one owner are in the order of their ids.
    const sorted = query === 'sort=owner' ? [...seen.slice(0, 2).sort(), ...seen.slice(2)] : seen;
    expect(sorted).toEqual(expected);
  });

  it.each([
    ['/v1/sweeps?onwer=Ada', 'onwer', 'unknown key; did you mean owner?'],
    ['/v1/sweeps?state=runing', 'state[0]', 'did you mean running?'],
    ['/v1/sweeps?since=yesterday', 'since', 'must be a day such as 2026-11-29'],
    ['/v1/datasets?owner=Ada', 'owner', 'unknown key'],
    ['/v1/workers?state=idle', 'state', 'unknown key; this route takes no query'],
  ])('%s is refused rather than ignored', async (path, field, message) => {
    const response = await api.call(path);
    expect(response.status).toBe(422);
    expect(((await response.json()) as any).errors).toEqual([
      { path: field, message: expect.stringContaining(message) },
    ]);
  });

  it('goes on after a page of which a sweep is deleted while it is read', async () => {
    const [, , gamma] = await three();
    await writeSweep(dataSource, smallSweep({ name: 'delta' }));
    const { getMany } = SelectQueryBuilder.prototype;
    jest.spyOn(SelectQueryBuilder.prototype, 'getMany').mockImplementationOnce(async function (
      this: SelectQueryBuilder<ObjectLiteral>,
    ) {
      await dataSource.query('delete from sweeps where id = $1', [gamma]);
      return getMany.call(this);
    });
    const { items, nextCursor } = await list('?limit=2');
    const left = nextCursor === null ? [] : await named(`?limit=2&cursor=${nextCursor}`);
    expect([...items.map(({ name }) => name), ...left]).toEqual(['delta', 'beta_100%', 'Alpha LSTM']);
  });

  it('refuses a cursor of a list in another order', async () => {
    await three();
    const { nextCursor } = await list('?limit=1');
    expect((await api.call(`/v1/sweeps?sort=name&cursor=${nextCursor}`)).status).toBe(422);
  });
});

describe('what people say about a sweep', () => {
  it('is its name, a note and tags, which change in any state and leave its search alone', async () => {
    const { id, spec } = (await (await api.post('/v1/sweeps', letters)).json()) as any;
    const details = { name: 'Letters, again', note: '# Found\nGRUs **win**.', tags: ['paper', 'gru', 'paper'] };
    const changed = (await (await patch(`/v1/sweeps/${id}/details`, details)).json()) as any;
    expect(changed).toMatchObject({
      name: 'Letters, again',
      note: '# Found\nGRUs **win**.',
      tags: ['gru', 'paper'],
      spec,
    });
    await patch(`/v1/sweeps/${id}/details`, { note: '' });
    expect((await list()).items[0]).toMatchObject({ name: 'Letters, again', note: '', tags: ['gru', 'paper'] });
    const { items } = (await (await api.call(`/v1/audit?target=${id}`)).json()) as any;
    expect(items[1]).toMatchObject({ action: 'sweep.describe', change: details });
  });

  it('archives it: it leaves the list, but nothing of it is lost, and it comes back', async () => {
    const { id } = (await (await api.post('/v1/sweeps', letters)).json()) as any;
    await patch(`/v1/sweeps/${id}/details`, { archived: true });
    expect((await list()).items).toEqual([]);
    expect((await list('?archived=true')).items[0]).toMatchObject({ id, archived: true });
    expect((await api.call(`/v1/sweeps/${id}/trials`)).status).toBe(200);
    await patch(`/v1/sweeps/${id}/details`, { archived: false });
    expect((await list()).total).toBe(1);
  });

  it('is said about a trial too, and goes with it', async () => {
    const id = await writeSweep(dataSource);
    const { items } = (await (await api.call(`/v1/sweeps/${id}/trials`)).json()) as any;
    const path = `/v1/trials/${items[0].id}`;
    expect(items[0]).toMatchObject({ note: '', tags: [] });
    await patch(`${path}/details`, { note: 'seems lucky' });
    await patch(`${path}/details`, { tags: ['check'] });
    expect(await (await api.call(path)).json()).toMatchObject({ note: 'seems lucky', tags: ['check'] });
    await dataSource.query('delete from sweeps where id = $1', [id]);
    expect(await dataSource.query('select * from trial_details')).toEqual([]);
  });

  it('is said about a configuration, for all of its seeds, and goes with the sweep', async () => {
    const id = await writeSweep(dataSource);
    const trials = async (): Promise<any[]> =>
      ((await (await api.call(`/v1/sweeps/${id}/trials`)).json()) as any).items;
    const [first, other] = await trials();
    expect(first).toMatchObject({ configurationNote: '', configurationTags: [] });
    const path = `/v1/trials/${first.id}/configuration/details`;
    await patch(path, { note: 'small enough' });
    await patch(path, { tags: ['small', 'small'] });
    const described = { configurationNote: 'small enough', configurationTags: ['small'], note: '', tags: [] };
    expect((await trials()).filter(({ configurationNote }) => configurationNote !== '')).toEqual(
      (await trials()).filter(({ configuration }) => configuration === first.configuration),
    );
    expect(await (await api.call(`/v1/trials/${first.id}`)).json()).toMatchObject(described);
    expect(other.configuration).not.toBe(first.configuration);
    const { items } = (await (await api.call('/v1/audit?action=configuration.describe')).json()) as any;
    expect(items[0]).toMatchObject({ target: first.id, change: { tags: ['small', 'small'] } });
    await dataSource.query(
      `update trials set state = 'running', value = 1, metrics = '{"validation.bitsPerToken": 1}' where id = $1`,
      [first.id],
    );
    const { items: rows } = (await (await api.call(`/v1/sweeps/${id}/leaderboard`)).json()) as any;
    expect(rows).toMatchObject([{ configuration: first.configuration, tags: ['small'], hasNote: true }]);
    const found = async (query: string): Promise<number> => (await list(query)).total;
    expect(
      await Promise.all(['?tag=small', '?search=SMALL%20ENOUGH', '?tag=large', '?search=large'].map(found)),
    ).toEqual([1, 1, 0, 0]);
    await dataSource.query('delete from sweeps where id = $1', [id]);
    expect(await dataSource.query('select * from configuration_details')).toEqual([]);
  });

  it.each([
    [{}, '', 'changes nothing'],
    [{ tags: ['a,b'] }, 'tags[0]', 'without a comma'],
    [{ name: '' }, 'name', 'must be one line of 1 to 100 characters'],
    [{ notes: 'x' }, 'notes', 'did you mean note?'],
  ])('is refused with %j', async (body, path, message) => {
    const { id } = (await (await api.post('/v1/sweeps', letters)).json()) as any;
    const response = await patch(`/v1/sweeps/${id}/details`, body);
    expect([400, 422]).toContain(response.status);
    const { errors } = (await response.json()) as any;
    expect(errors[0]).toEqual({ path, message: expect.stringContaining(message) });
  });
});
