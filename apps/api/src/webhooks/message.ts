import type { WebhookKind, WebhookMessage } from '@unroll/contracts';
import { createHmac, randomBytes } from 'node:crypto';

const secretPrefix = 'whsec_';

/** A new secret, as Standard Webhooks writes it: 24 to 64 random bytes in base64. */
export const newSecret = (): string => secretPrefix + randomBytes(32).toString('base64');

/**
 * The headers of a message: its id, its time and its signature, as Standard Webhooks 1.0 specifies
 * (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md). The signature is the HMAC-SHA256 of
 * `id.timestamp.body`. `seconds`: since 1970.
 */
export function signedHeaders(
  secret: string,
  { id, seconds, body }: { id: string; seconds: number; body: string },
): Record<string, string> {
  const key = Buffer.from(secret.slice(secretPrefix.length), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': String(seconds), 'webhook-signature': `v1,${signature}` };
}

/** What is sent to a webhook of this kind. */
export const bodyOf = (kind: WebhookKind, message: WebhookMessage, publicUrl: string | undefined): string =>
  JSON.stringify(kind === 'slack' ? { text: slackText(message, publicUrl) } : message);

/** A name as Slack shows it, whatever it contains (https://docs.slack.dev/messaging/formatting-message-text). */
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function slackText({ type, data }: WebhookMessage, publicUrl: string | undefined): string {
  const { sweepId, name, owner, state, message, best } = data;
  if (sweepId === null) return 'This is a test of a webhook of Unroll.';
  const sweep = publicUrl ? `<${publicUrl}/sweeps/${sweepId}|${escaped(name)}>` : escaped(name);
  const reached = best ? `${best.metric} ${best.value}, trial ${best.trialId}` : '';
  if (type === 'sweep.best') return `New best of the sweep ${sweep} by ${escaped(owner)}: ${reached}`;
  const ending = `The sweep ${sweep} by ${escaped(owner)} is ${state}`;
  return [ending, ...(best ? [`best ${reached}`] : []), ...(message ? [escaped(message)] : [])].join(': ');
}
