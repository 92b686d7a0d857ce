import type { DiaryEntry, Page, Problem, ReportSummary, Review, TeamReport } from '@unroll/contracts';
import { useApi } from '../support/api';
import { useDatabase } from '../support/database';
import { addMember, createTeam, type Calling } from '../support/teams';
import { letters, writeSweep } from '../support/sweeps';

const dataSource = useDatabase({ clear: true });
const api = useApi(dataSource);

const sent = (caller: Calling, method: string, path: string, body?: object): Promise<Response> =>
  caller.call(path, {
    method,
    ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
  });
const read = async <Answer>(response: Promise<Response>, status = 200): Promise<Answer> => {
  const answer = await response;
  expect(answer.status).toBe(status);
  return (await answer.json()) as Answer;
};

it("a team's diary is read by all of it and no one else, and an entry changed by its author or an admin", async () => {
  const admin = await createTeam(api, 'diarists', 'Ada');
  const stranger = await createTeam(api, 'strangers', 'Sue');
  const [sam, eve, vera] = [
    await addMember(api, admin, 'Sam', 'submitter'),
    await addMember(api, admin, 'Eve', 'submitter'),
    await addMember(api, admin, 'Vera', 'viewer'),
  ];
  const entry = await read<DiaryEntry>(sam.post('/v1/diary', { text: 'Tried **GRU**' }), 201);
  expect(entry).toMatchObject({ author: 'Sam', text: 'Tried **GRU**', editedAt: null });
  await read(admin.post('/v1/diary', { text: 'Decided' }), 201);
  const texts = async (caller: Calling, query = ''): Promise<string[]> =>
    (await read<Page<DiaryEntry>>(caller.call(`/v1/diary${query}`))).items.map(({ text }) => text);
  expect(await texts(vera)).toEqual(['Decided', 'Tried **GRU**']);
  const first = await read<Page<DiaryEntry>>(vera.call('/v1/diary?limit=1'));
  expect(await texts(vera, `?limit=1&cursor=${encodeURIComponent(first.nextCursor!)}`)).toEqual(['Tried **GRU**']);
  expect(await texts(stranger)).toEqual([]);
  const path = `/v1/diary/${entry.id}`;
  const change = { text: 'Tried LSTM' };
  const statuses = async (...callers: Calling[]): Promise<number[]> =>
    Promise.all(callers.map(async (caller) => (await sent(caller, 'PATCH', path, change)).status));
  expect(await statuses(stranger, vera, eve)).toEqual([404, 403, 403]);
  expect(await texts(vera)).toEqual(['Decided', 'Tried **GRU**']);
  expect(await statuses(sam, admin)).toEqual([200, 200]);
  expect((await sent(eve, 'DELETE', path)).status).toBe(403);
  expect((await sent(admin, 'DELETE', path)).status).toBe(204);
  expect(await texts(sam)).toEqual(['Decided']);
  for (const body of [{ text: '' }, { text: 'x'.repeat(20_001) }, { words: 'x' }])
    expect((await sam.post('/v1/diary', body)).status).toBe(422);
});

it('a review is of a configuration: all its seeds have it', async () => {
  const id = await writeSweep(dataSource);
  const [first, other] = await dataSource.query<{ id: string }[]>(
    `select id from trials where sweep_id = $1 and configuration < 2 order by number limit 2`,
    [id],
  );
  await dataSource.query('update sweeps set total = configurations * 2 where id = $1', [id]);
  const review = await read<Review>(
    api.post(`/v1/trials/${first!.id}/reviews`, { verdict: 'question', text: 'Why?' }),
    201,
  );
  expect(review).toMatchObject({ author: 'local', verdict: 'question', text: 'Why?' });
  await read(api.post(`/v1/trials/${first!.id}/reviews`, { verdict: 'approve' }), 201);
  const verdicts = async (trial: string): Promise<string[]> =>
    (await read<Page<Review>>(api.call(`/v1/trials/${trial}/reviews`))).items.map(({ verdict }) => verdict);
  expect(await verdicts(first!.id)).toEqual(['approve', 'question']);
  await dataSource.query('update trials set configuration = 0 where id = any($1)', [[first!.id, other!.id]]);
  expect(await verdicts(other!.id)).toEqual(['approve', 'question']);
  expect((await api.post(`/v1/trials/${first!.id}/reviews`, { verdict: 'maybe' })).status).toBe(422);
});

it("a report is changed by all who submit, loses nobody's change, and names only what its team has", async () => {
  const admin = await createTeam(api, 'reporters', 'Rosa');
  const stranger = await createTeam(api, 'outsiders', 'Otto');
  const [sam, vera] = [await addMember(api, admin, 'Sam', 'submitter'), await addMember(api, admin, 'Vera', 'viewer')];
  const { id: sweep } = await read<{ id: string }>(sam.post('/v1/sweeps', letters), 201);
  const text = `Found:\n\n![Curves](/sweeps/${sweep}?tab=curves)`;
  const report = await read<TeamReport>(sam.post('/v1/reports', { title: ' GRU ', text }), 201);
  expect(report).toMatchObject({ title: 'GRU', text, author: 'Sam', editor: null, version: 1, archived: false });
  const refused = await stranger.post('/v1/reports', { title: 'x', text });
  expect([refused.status, ((await refused.json()) as Problem).detail]).toEqual([
    422,
    `text: line 3: no sweep ${sweep}: copy the address of its page`,
  ]);
  const change = (caller: Calling, body: object): Promise<Response> =>
    sent(caller, 'PATCH', `/v1/reports/${report.id}`, body);
  expect((await change(vera, { title: 'x' })).status).toBe(403);
  expect((await change(stranger, { title: 'x' })).status).toBe(404);
  const second = await read<TeamReport>(change(admin, { title: 'LSTM', version: 1 }));
  expect(second).toMatchObject({ title: 'LSTM', text, editor: 'Rosa', version: 2 });
  const late = await change(sam, { text: 'mine', version: 1 });
  expect([late.status, ((await late.json()) as Problem).detail]).toEqual([
    409,
    expect.stringContaining('Rosa has saved version 2'),
  ]);
  expect(await read<TeamReport>(vera.call(`/v1/reports/${report.id}`))).toEqual(second);
  await read(change(sam, { archived: true }));
  const listed = async (query: string): Promise<string[]> =>
    (await read<Page<ReportSummary>>(vera.call(`/v1/reports${query}`))).items.map(({ id }) => id);
  expect([await listed(''), await listed('?archived=true')]).toEqual([[], [report.id]]);
  const { items } = await read<Page<{ target: string }>>(admin.call('/v1/audit?action=report'));
  expect(items.map(({ target }) => target)).toEqual([report.id, report.id, report.id]);
  expect((await change(sam, { version: 3 })).status).toBe(400);
});
