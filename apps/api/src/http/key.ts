import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Why a request is refused by its key; undefined if it carries the right one: `Authorization: Bearer <key>`. */
export function keyProblem(request: Pick<IncomingMessage, 'headers'>, key: string): 'missing' | 'wrong' | undefined {
  const [, given] = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '') ?? [];
  if (given === undefined) return 'missing';
  return timingSafeEqual(digest(given), digest(key)) ? undefined : 'wrong';
}

export const keyAdvice = (problem: 'missing' | 'wrong'): string =>
  `the key is ${problem}: send it as Authorization: Bearer <key>`;
