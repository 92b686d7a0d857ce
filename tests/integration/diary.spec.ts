import type { DiaryEntry, Page, Review } from '@unroll/contracts';
import { useApi } from '../support/api';
import { useDatabase } from '../support/database';
import { addMember, createTeam, type Calling } from '../support/teams';
import { writeSweep } from '../support/sweeps';

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
