import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { BlockList } from 'node:net';
import { lookupAllowed, refuseAddress } from './public-address';

/** Milliseconds within which a receiver must answer. */
const patience = 10_000;

/**
 * Sends a body by POST, and resolves with the status of the answer, whose content is not read. Redirects are not followed.
 * @throws AddressRefused; Error if there is no answer
 */
export async function post(
  url: URL,
  body: string,
  headers: Record<string, string>,
  networks: BlockList,
): Promise<number> {
  refuseAddress(url.hostname, networks);
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'Unroll', ...headers },
      lookup: lookupAllowed(networks),
      // A connection of its own, which nothing else has made.
      agent: false,
      signal: AbortSignal.timeout(patience),
    });
    sent.on('response', (answer) => {
      resolve(answer.statusCode!);
      answer.destroy();
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
