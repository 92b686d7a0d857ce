import type { CreatedWebhook, DeliveryView, WebhookMessage } from '@unroll/contracts';
import { cancelSweep, claimTrials, commitWork, refreshReported, takeDeliveries, tellBests } from '@unroll/database';
import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pauseAfter } from '../../apps/api/src/webhooks/deliverer';
import { useApi } from '../support/api';
import { attemptWork, claimant, completed } from '../support/attempts';
import { finish } from '../support/board';
import { useDatabase } from '../support/database';
import { smallSweep, writeSweep } from '../support/sweeps';
import { createTeam, type Calling } from '../support/teams';
import { until } from '../support/until';

interface Received {
  headers: IncomingMessage['headers'];
  body: string;
}

/** A receiver that answers with what is next in `answers`, then with 204. */
class Receiver {
  readonly received: Received[] = [];
  readonly answers: number[] = [];
  private readonly server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (data: Buffer) => (body += data.toString()));
    request.on('end', () => {
      this.received.push({ headers: request.headers, body });
      response.writeHead(this.answers.shift() ?? 204, { location: 'http://127.0.0.1:1/' }).end();
    });
  });

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hook?token=secret`;
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}

const dataSource = useDatabase();
const api = useApi(dataSource, () => ({ UNROLL_WEBHOOK_NETWORKS: '127.0.0.0/8' }));

describe('a webhook', () => {
  const receiver = new Receiver();
  let url: string;
  let made: CreatedWebhook;

  const json = async (response: Promise<Response>): Promise<any> => (await response).json();
  const deliveries = async (id = made.id): Promise<DeliveryView[]> =>
    (await json(api.call(`/v1/webhooks/${id}/deliveries`))).items;
  const messages = (): WebhookMessage[] => receiver.received.map(({ body }) => JSON.parse(body) as WebhookMessage);

  beforeAll(async () => {
    url = await receiver.open();
    made = await json(api.post('/v1/webhooks', { url }));
  });
  afterAll(() => receiver.close());

  it('is made with a secret that is shown once, and its address is told to nobody', async () => {
    expect(made).toMatchObject({
      kind: 'json',
      events: ['sweep.ended', 'sweep.failed', 'sweep.best'],
      author: 'local',
    });
    const seen = JSON.stringify([
      await json(api.call('/v1/webhooks')),
      await json(api.call('/v1/audit?action=webhook')),
    ]);
    expect(seen).toContain(new URL(url).host);
    expect(seen).not.toContain('token');
    expect(seen).not.toContain('whsec_');
  });

  it('is told of a new best and of the end of a sweep, with the best trial, in signed messages', async () => {
    const id = await writeSweep(dataSource, smallSweep({ name: 'told', search: { trials: 2 } }));
    const first = (await claimTrials(dataSource, { ...claimant, lanes: 1 }, { sweepId: id, signature: '' }))!;
    await commitWork(dataSource, [attemptWork(first.trials[0]!, { value: 2, end: completed })]);
    await tellBests(dataSource.manager);
    await tellBests(dataSource.manager);
    await until(() => receiver.received.length === 1);
    await finish(dataSource, id, () => 3);
    await until(() => receiver.received.length === 2);
    const [best, end] = messages();
    expect(best).toMatchObject({
      type: 'sweep.best',
      data: { sweepId: id, name: 'told', state: 'running', best: { value: 2 } },
    });
    expect(end).toMatchObject({
      type: 'sweep.ended',
      data: { state: 'completed', owner: 'local', best: { value: 2 } },
    });
    for (const { headers, body } of receiver.received) {
      const signed = `${headers['webhook-id'] as string}.${headers['webhook-timestamp'] as string}.${body}`;
      const key = Buffer.from(made.secret.slice('whsec_'.length), 'base64');
      const signature = createHmac('sha256', key).update(signed).digest('base64');
      expect(headers['webhook-signature']).toBe(`v1,${signature}`);
    }
    await until(async () => (await deliveries()).every(({ state }) => state === 'delivered'));
    expect((await deliveries()).map(({ message, status }) => [message.type, status])).toEqual([
      ['sweep.ended', 204],
      ['sweep.best', 204],
    ]);
  });

  it('is told of a best that ends the sweep, before its end', async () => {
    const known = (await deliveries()).length;
    const id = await writeSweep(dataSource, smallSweep({ name: 'at last', search: { trials: 2 } }));
    await finish(dataSource, id, () => 1);
    await until(async () => (await deliveries()).filter(({ message }) => message.type === 'sweep.ended').length === 2);
    const told = (await deliveries()).slice(0, -known).map(({ message: { type, data } }) => [type, data.best]);
    const best = expect.objectContaining({ value: 1 });
    expect(told.reverse()).toEqual([
      ['sweep.best', best],
      ['sweep.ended', best],
    ]);
    await until(async () => (await deliveries()).every(({ state }) => state === 'delivered'));
  });

  it('is told at the end of the best trial that was not cancelled with the sweep', async () => {
    const id = await writeSweep(dataSource, smallSweep({ name: 'cut short', search: { trials: 2 } }));
    const { trials } = (await claimTrials(dataSource, { ...claimant, lanes: 2 }, { sweepId: id, signature: '' }))!;
    await commitWork(dataSource, [attemptWork(trials[0]!, { value: 1 })]);
    await refreshReported(dataSource.manager, '0');
    await commitWork(dataSource, [attemptWork(trials[1]!, { value: 2, end: completed })]);
    await cancelSweep(dataSource, id);
    const ended = (await deliveries()).find(
      ({ message: { type, data } }) => type === 'sweep.ended' && data.sweepId === id,
    );
    expect(ended!.message.data).toMatchObject({ state: 'cancelled', best: { trialId: trials[1]!.trialId, value: 2 } });
    await until(async () => (await deliveries()).every(({ state }) => state === 'delivered'));
  });

  it('is told once of a best that two transactions find at once', async () => {
    const known = (await deliveries()).length;
    const id = await writeSweep(dataSource, smallSweep({ name: 'at once', search: { trials: 2 } }));
    const { trials } = (await claimTrials(dataSource, { ...claimant, lanes: 1 }, { sweepId: id, signature: '' }))!;
    const other = dataSource.createQueryRunner();
    await other.startTransaction();
    // The other one tells of the value 2, and has not committed.
    await other.query('insert into told_bests (sweep_id, score) values ($1, 2)', [id]);
    await commitWork(dataSource, [attemptWork(trials[0]!, { value: 2, end: completed })]);
    const telling = tellBests(dataSource.manager);
    await until(async () => {
      const [{ waiting }] = await dataSource.query(
        `select count(*)::integer as waiting from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock' and query like '%told_bests%'`,
      );
      return waiting > 0;
    });
    await other.commitTransaction();
    await other.release();
    await telling;
    await tellBests(dataSource.manager);
    expect((await deliveries()).length).toBe(known);
    await dataSource.query(`update sweeps set state = 'paused' where id = $1`, [id]);
  });

  it('is told again after a failure, as late as the number of attempts asks for, and follows no redirect', async () => {
    const before = receiver.received.length;
    receiver.answers.push(302);
    expect(await json(api.post(`/v1/webhooks/${made.id}/test`, {}))).toMatchObject({ state: 'pending' });
    const newest = async (): Promise<DeliveryView> => (await deliveries())[0]!;
    await until(async () => (await newest()).status !== null);
    expect(await newest()).toMatchObject({
      ...{ state: 'pending', attempts: 1, status: 302, problem: 'the receiver answered with status 302' },
      nextAt: expect.any(String),
    });
    await dataSource.query('update deliveries set next_at = clock_timestamp() where next_at is not null');
    await until(async () => (await newest()).state === 'delivered');
    expect(await newest()).toMatchObject({ attempts: 2, status: 204, problem: null, nextAt: null });
    expect(receiver.received.length).toBe(before + 2);
    expect([1, 2, 3, 7, 8].map(pauseAfter)).toEqual([10, 40, 160, 21_600, undefined]);
  });

  it('gives up on an address that is not public, and says so', async () => {
    await dataSource.query(`update webhooks set url = 'http://10.0.0.1/' where id = $1`, [made.id]);
    await api.post(`/v1/webhooks/${made.id}/test`, {});
    await until(async () => (await deliveries())[0]!.state === 'failed');
    expect((await deliveries())[0]).toMatchObject({
      ...{ attempts: 1, status: null },
      problem: '10.0.0.1 is not a public address: an operator can allow its network with UNROLL_WEBHOOK_NETWORKS',
    });
    await dataSource.query('update webhooks set url = $2 where id = $1', [made.id, url]);
  });

  it('of Slack is told a line of text', async () => {
    const slack = await json(api.post('/v1/webhooks', { url, kind: 'slack', events: ['sweep.failed'] }));
    await api.post(`/v1/webhooks/${slack.id}/test`, {});
    await until(async () => (await deliveries(slack.id))[0]!.state === 'delivered');
    expect(receiver.received.at(-1)!.body).toBe('{"text":"This is a test of a webhook of Unroll."}');
    expect((await api.call(`/v1/webhooks/${slack.id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await api.call(`/v1/webhooks/${slack.id}/deliveries`)).status).toBe(404);
  });

  it('hears nothing of another team, whose deliveries one sender takes at a time', async () => {
    const other: Calling = await createTeam(api, 'others');
    const theirs = await json(other.post('/v1/webhooks', { url }));
    const sent = receiver.received.length;
    const id = await writeSweep(dataSource, smallSweep({ name: 'unheard', search: { trials: 1 } }));
    await api.call(`/v1/sweeps/${id}/cancel`, { method: 'POST' });
    await until(() => receiver.received.length === sent + 1);
    expect((await json(other.call(`/v1/webhooks/${theirs.id}/deliveries`))).items).toEqual([]);
    await dataSource.query(
      `insert into deliveries (webhook_id, message, next_at)
      select $1, message, clock_timestamp() - interval '1 s' from deliveries limit 1`,
      [made.id],
    );
    const taken = await Promise.all([takeDeliveries(dataSource, 5), takeDeliveries(dataSource, 5)]);
    expect(taken.flat().length).toBeLessThanOrEqual(1);
  });

  it.each([
    [{ url: 'ftp://example.org' }, 'url: must be an address that begins with https://'],
    [{ url: 'https://ada:secret@example.org' }, 'url: must not contain a user or a password'],
    [{ url: 'http://169.254.169.254/' }, 'url: 169.254.169.254 is not a public address'],
    [{ url: 'https://example.org', events: ['sweep.finished'] }, 'did you mean sweep.failed?'],
    [{ url: 'https://example.org', events: [] }, 'events'],
  ])('is refused with %j', async (body, message) => {
    const response = await api.post('/v1/webhooks', body);
    expect([response.status, ((await response.json()) as { detail: string }).detail]).toEqual([
      422,
      expect.stringContaining(message),
    ]);
  });
});
