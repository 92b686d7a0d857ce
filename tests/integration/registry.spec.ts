import { limits } from '@unroll/contracts';
import { useApi } from '../support/api';
import { useDatabase } from '../support/database';
import { letters } from '../support/sweeps';
import { addMember, createTeam, type Calling } from '../support/teams';
import { until } from '../support/until';

const dataSource = useDatabase();
const api = useApi(dataSource);

const json = async (response: Promise<Response>): Promise<any> => (await response).json();

describe('registered models', () => {
  let team: Calling;
  let sweep: string;
  let trials: string[];

  beforeAll(async () => {
    team = await createTeam(api, 'registrars', 'Rosa');
    ({ id: sweep } = await json(team.post('/v1/sweeps', letters)));
    const trialsOf = async (): Promise<any[]> => (await json(team.call(`/v1/sweeps/${sweep}/trials`))).items;
    await until(async () => (await trialsOf()).length === 4);
    trials = (await trialsOf()).map(({ id }) => id as string);
    // Two of them have a model.
    await dataSource.query(`update trials set state = 'running' where sweep_id = $1`, [sweep]);
    for (const [index, id] of trials.slice(0, 2).entries())
      await dataSource.query(
        `update trials set state = 'completed', value = $2, model = $3, finished_at = clock_timestamp() where id = $1`,
        [id, 2 - index, `${id}/model`],
      );
  });

  const register = (name: string, body: object, by = team): Promise<Response> =>
    by.post(`/v1/models/${name}/versions`, body);
  const remove = (path: string): Promise<Response> => team.call(path, { method: 'DELETE' });

  it('have versions in order, from trials by id or by best', async () => {
    const first = await register('reader', { trial: trials[0], note: 'the first' });
    expect(first.status).toBe(201);
    const spec = { task: 'language-model', metric: 'validation.bitsPerToken' };
    expect(await first.json()).toMatchObject({
      ...{ version: 1, aliases: [], trialId: trials[0], sweepId: sweep, value: 2, note: 'the first', author: 'Rosa' },
      ...{ ...spec, dataset: expect.stringMatching(/./) },
    });
    const second = await json(register('reader', { trial: `${sweep}:best`, aliases: ['champion'] }));
    expect(second).toMatchObject({ version: 2, trialId: trials[1], value: 1, aliases: ['champion'] });
    const { items } = await json(team.call('/v1/models'));
    expect(items).toMatchObject([{ name: 'reader', versions: [{ version: 2 }, { version: 1 }] }]);
  });

  it('get one number after the other when several are registered at once', async () => {
    const made = await Promise.all(Array.from({ length: 6 }, () => json(register('crowd', { trial: trials[0] }))));
    expect(made.map(({ version }) => version).sort()).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('have aliases that move from one version to another', async () => {
    await register('moving', { trial: trials[0], aliases: ['champion'] });
    await register('moving', { trial: trials[1] });
    const moved = await json(team.post('/v1/models/moving/aliases', { alias: 'champion', version: 2 }));
    expect(moved.versions.map(({ aliases }: any) => aliases)).toEqual([['champion'], []]);
    const none = await team.post('/v1/models/moving/aliases', { alias: 'champion', version: 9 });
    expect([none.status, (await json(Promise.resolve(none))).detail]).toEqual([
      404,
      'the model "moving" has no version 9',
    ]);
  });

  it('are deleted only where no alias points, and their numbers are not used again', async () => {
    await register('gone', { trial: trials[0] });
    await register('gone', { trial: trials[1], aliases: ['champion', 'newest'] });
    for (const path of ['/v1/models/gone/versions/2', '/v1/models/gone']) {
      const refused = await remove(path);
      const { detail } = await json(Promise.resolve(refused));
      expect([refused.status, detail]).toEqual([
        409,
        'the alias champion, newest points at it: move or delete that first',
      ]);
    }
    for (const path of ['aliases/champion', 'aliases/newest', 'versions/2'])
      expect((await remove(`/v1/models/gone/${path}`)).status).toBe(204);
    expect((await remove('/v1/models/gone/aliases/newest')).status).toBe(404);
    expect(await json(register('gone', { trial: trials[0] }))).toMatchObject({ version: 3 });
    expect((await remove('/v1/models/gone')).status).toBe(204);
    expect((await team.call('/v1/models/gone')).status).toBe(404);
  });

  it('go on counting under a name that was deleted, and begin anew otherwise', async () => {
    await register('again', { trial: trials[0], aliases: ['champion'] });
    expect((await remove('/v1/models/again')).status).toBe(409);
    const { createdAt } = await json(team.call('/v1/models/again'));
    await remove('/v1/models/again/aliases/champion');
    expect((await remove('/v1/models/again')).status).toBe(204);
    expect((await remove('/v1/models/again')).status).toBe(404);
    expect((await remove('/v1/models/again/versions/1')).status).toBe(404);
    const point = await team.post('/v1/models/again/aliases', { alias: 'champion', version: 1 });
    expect([point.status, (await json(Promise.resolve(point))).detail]).toEqual([404, expect.stringContaining('no')]);
    const { items } = await json(team.call('/v1/models'));
    expect(items.map(({ name }: any) => name)).not.toContain('again');
    expect(await json(register('again', { trial: trials[1] }))).toMatchObject({ version: 2, aliases: [] });
    const shown = await json(team.call('/v1/models/again'));
    expect(shown.versions).toMatchObject([{ version: 2, trialId: trials[1] }]);
    expect(Date.parse(shown.createdAt)).toBeGreaterThan(Date.parse(createdAt));
  });

  it('are there again when an earlier version, which knows no deleted names, registers one of them', async () => {
    await register('older', { trial: trials[0] });
    const { createdAt } = await json(team.call('/v1/models/older'));
    await remove('/v1/models/older');
    const [{ team_id: teamId }] = await dataSource.query(`select team_id from registered_models where name = 'older'`);
    await dataSource.query(
      `insert into registered_models as own (team_id, name, last_version) values ($1, 'older', 1)
       on conflict (team_id, name) do update set last_version = own.last_version + 1`,
      [teamId],
    );
    const shown = await json(team.call('/v1/models/older'));
    expect(shown).toMatchObject({ name: 'older', versions: [] });
    expect(Date.parse(shown.createdAt)).toBeGreaterThan(Date.parse(createdAt));
    expect(await json(register('older', { trial: trials[0] }))).toMatchObject({ version: 3 });
  });

  it('are remembered, once deleted, in a limited number', async () => {
    const [{ team_id: teamId }] = await dataSource.query(`select team_id from registered_models where name = 'reader'`);
    await dataSource.query(
      `insert into registered_models (team_id, name, last_version, deleted_at)
       select $1, 'deleted' || n, 7, clock_timestamp() - make_interval(mins => n) from generate_series(1, $2) n`,
      [teamId, limits.models],
    );
    await register('last', { trial: trials[0] });
    await remove('/v1/models/last');
    const kept = await dataSource.query(
      `select name from registered_models where team_id = $1 and deleted_at is not null order by deleted_at desc`,
      [teamId],
    );
    expect(kept).toHaveLength(limits.models);
    expect(kept[0]).toEqual({ name: 'last' });
    expect(await json(register('last', { trial: trials[0] }))).toMatchObject({ version: 2 });
    expect(await json(register('deleted1', { trial: trials[0] }))).toMatchObject({ version: 8 });
    expect(await json(register(`deleted${limits.models}`, { trial: trials[0] }))).toMatchObject({ version: 1 });
    await dataSource.query(`delete from registered_models where name like 'deleted%'`);
  });

  it.each([
    ['a trial without a model', 'reader', () => ({ trial: trials[2] }), 409, 'has no model'],
    ['a trial that is none', 'reader', () => ({ trial: 'zzzz2222' }), 404, 'no trial zzzz2222'],
    ['a name with a slash', 'a%2Fb', () => ({ trial: trials[0] }), 400, 'must consist of letters'],
    ['an alias that is a number', 'reader', () => ({ trial: trials[0], aliases: ['3'] }), 422, 'start with a letter'],
    ['a misspelt key', 'reader', () => ({ trail: trials[0] }), 422, 'did you mean trial?'],
  ])('are refused for %s', async (_, name, body, status, message) => {
    const answer = await register(name, body());
    expect([answer.status, (await json(Promise.resolve(answer))).detail]).toEqual([
      status,
      expect.stringContaining(message),
    ]);
  });

  it('keep their sweep from being deleted', async () => {
    await register('reader', { trial: trials[0] });
    await team.call(`/v1/sweeps/${sweep}/cancel`, { method: 'POST' });
    const refused = await remove(`/v1/sweeps/${sweep}`);
    expect([refused.status, (await json(Promise.resolve(refused))).detail]).toEqual([
      409,
      expect.stringContaining('is registered: delete that version first'),
    ]);
    expect((await team.call(`/v1/sweeps/${sweep}`)).status).toBe(200);
  });

  it('are read by viewers and changed by submitters, of which the audit tells', async () => {
    const viewer = await addMember(api, team, 'Vera', 'viewer');
    expect((await viewer.call('/v1/models')).status).toBe(200);
    expect((await register('reader', { trial: trials[0] }, viewer)).status).toBe(403);
    const { items } = await json(team.call('/v1/audit?action=model'));
    expect(items[0]).toMatchObject({ member: 'Rosa', target: 'reader', action: 'model.register', outcome: 'done' });
    expect(items.map(({ action }: any) => action)).toEqual(
      expect.arrayContaining(['model.alias', 'model.delete-version']),
    );
  });
});
