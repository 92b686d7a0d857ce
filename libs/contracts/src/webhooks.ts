import { z } from 'zod';
import { oneOf, strict } from './strict';

/** Addresses that are told what happens to sweeps. Times are ISO 8601 in UTC. */

export const webhookEvents = ['sweep.ended', 'sweep.failed', 'sweep.best'] as const;
export type WebhookEvent = (typeof webhookEvents)[number];
export const webhookKinds = ['json', 'slack'] as const;
export type WebhookKind = (typeof webhookKinds)[number];

const time = z.iso.datetime();

const address = z
  .string()
  .max(2000)
  .refine((text) => URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol), {
    error: 'must be an address that begins with https:// or http://',
  })
  .refine((text) => !URL.canParse(text) || (new URL(text).username === '' && new URL(text).password === ''), {
    error: 'must not contain a user or a password',
  });

export const webhookBody = strict({
  url: address.describe('Where messages are sent, by POST.'),
  kind: oneOf(webhookKinds)
    .default('json')
    .describe('json: signed messages, as Standard Webhooks specifies; slack: a line of text for an incoming webhook.'),
  events: z
    .array(oneOf(webhookEvents))
    .min(1)
    .transform((events) => [...new Set(events)])
    .default([...webhookEvents])
    .describe('sweep.ended: completed or cancelled; sweep.best: a trial that has completed is the best so far.'),
});
export type WebhookBody = z.infer<typeof webhookBody>;

export const webhookView = z.object({
  id: z.string(),
  kind: z.enum(webhookKinds),
  host: z.string().describe('Of its address, whose rest may be a secret.'),
  events: z.array(z.enum(webhookEvents)),
  author: z.string().describe('Name of the member who made it.'),
  createdAt: time,
});
export type WebhookView = z.infer<typeof webhookView>;

export const createdWebhook = webhookView.extend({
  secret: z.string().describe('Signs its messages, but those to Slack. It is shown only now.'),
});
export type CreatedWebhook = z.infer<typeof createdWebhook>;

/** What is sent: `type` and `data` as Standard Webhooks recommends. */
export const webhookMessage = z.object({
  type: z.enum([...webhookEvents, 'test']),
  timestamp: time,
  data: z.object({
    sweepId: z.string().nullable(),
    name: z.string(),
    owner: z.string(),
    state: z.string(),
    message: z.string().nullable(),
    best: z
      .object({ trialId: z.string(), metric: z.string(), value: z.union([z.number(), z.string()]) })
      .nullable()
      .describe('Its best trial.'),
  }),
});
export type WebhookMessage = z.infer<typeof webhookMessage>;

export const deliveryView = z.object({
  id: z.string(),
  message: webhookMessage,
  state: z.enum(['pending', 'delivered', 'failed']),
  attempts: z.int(),
  status: z.int().nullable().describe('HTTP status of the last answer; null if there was none.'),
  problem: z.string().nullable().describe('Why the last attempt failed.'),
  createdAt: time,
  deliveredAt: time.nullable(),
  nextAt: time.nullable().describe('When it is sent next; null if it is not.'),
});
export type DeliveryView = z.infer<typeof deliveryView>;
