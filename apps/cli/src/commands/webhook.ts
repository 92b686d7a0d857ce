import {
  webhookEvents,
  webhookKinds,
  type CreatedWebhook,
  type DeliveryView,
  type Page,
  type WebhookView,
} from '@unroll/contracts';
import { Option, type Command } from 'commander';
import { call } from '../api/client';
import { table } from '../show/table';
import { note, say, sayJson } from '../show/text';
import { example } from './command';
import { collect } from './options';
import { sendJson } from './send-json';

interface Shown {
  json?: boolean;
}

const path = (id: string): string => `/v1/webhooks/${encodeURIComponent(id)}`;
const minute = (time: string | null): string => time?.slice(0, 16).replace('T', ' ') ?? '-';

async function create(url: string, { kind, event, json }: Shown & { kind: string; event: string[] }): Promise<void> {
  const events = event.length > 0 ? event : undefined;
  const webhook = await sendJson<CreatedWebhook>('POST', '/v1/webhooks', { url, kind, events });
  if (json) return sayJson(webhook);
  note(
    `Made the webhook ${webhook.id}, which is told ${webhook.events.join(', ')}. unroll webhook test ${webhook.id} sends a test.`,
  );
  if (webhook.kind === 'slack') return;
  note('The secret that its messages are signed with is shown only now:');
  say(webhook.secret);
}

async function list({ json }: Shown): Promise<void> {
  const { items } = await call<Page<WebhookView>>('/v1/webhooks');
  if (json) return sayJson(items);
  if (items.length === 0) return say('No webhooks: make one with unroll webhook create URL.');
  const rows = items.map(({ id, kind, host, events, author, createdAt }) => [
    ...[id, kind, host, events.join(', '), author, minute(createdAt)],
  ]);
  say(table(['webhook', 'kind', 'host', 'events', 'by', 'created (UTC)'], rows));
}

async function test(id: string, { json }: Shown): Promise<void> {
  const delivery = await call<DeliveryView>(`${path(id)}/test`, { method: 'POST' });
  if (json) return sayJson(delivery);
  say(`A test is sent. unroll webhook deliveries ${id} shows what came of it.`);
}

async function deliveries(id: string, { json }: Shown): Promise<void> {
  const { items } = await call<Page<DeliveryView>>(`${path(id)}/deliveries`);
  if (json) return sayJson(items);
  if (items.length === 0) return say('Nothing was sent yet.');
  const rows = items.map(({ message, state, attempts, status, problem, createdAt, nextAt }) => [
    ...[minute(createdAt), message.type, message.data.name, state, String(attempts), String(status ?? '-')],
    state === 'pending' && attempts > 0 ? `${problem ?? ''}; again at ${minute(nextAt)}` : (problem ?? ''),
  ]);
  say(table(['at (UTC)', 'event', 'sweep', 'state', 'attempts', 'status', 'problem'], rows, [4, 5]));
}

async function remove(id: string): Promise<void> {
  await call(path(id), { method: 'DELETE' });
  say(`Deleted the webhook ${id}: nothing is sent to it from now on.`);
}

const json = ['--json', 'print it as JSON'] as const;

export function addWebhookCommands(program: Command): void {
  const webhook = program
    .command('webhook')
    .description('have addresses told of the end, failure or new best of sweeps');
  webhook
    .command('create <url>')
    .description('have an address told; the secret that messages are signed with is printed once')
    .addOption(
      new Option('--kind <kind>', 'json: signed messages; slack: lines of text').choices(webhookKinds).default('json'),
    )
    .option('--event <event>', `${webhookEvents.join(', ')}; repeatable (default: all)`, collect, [])
    .option(...json)
    .addHelpText(
      'after',
      example(
        'unroll webhook create https://hooks.example.org/unroll --event sweep.ended --event sweep.failed',
        'unroll webhook create https://hooks.slack.com/services/T0/B0/X --kind slack',
      ),
    )
    .action(create);
  webhook
    .command('list')
    .description('list webhooks')
    .option(...json)
    .addHelpText('after', example('unroll webhook list'))
    .action(list);
  webhook
    .command('test <id>')
    .description('send a test to a webhook')
    .option(...json)
    .addHelpText('after', example('unroll webhook test q7k2m9xa'))
    .action(test);
  webhook
    .command('deliveries <id>')
    .description('show what was sent to a webhook, and what came of it')
    .option(...json)
    .addHelpText('after', example('unroll webhook deliveries q7k2m9xa'))
    .action(deliveries);
  webhook
    .command('delete <id>')
    .description('delete a webhook')
    .addHelpText('after', example('unroll webhook delete q7k2m9xa'))
    .action(remove);
}
