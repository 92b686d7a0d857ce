import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Characters of a key that are stored, to recognise it by. */
const shown = 11;
const prefix = 'unroll_';

/** How a key is stored: its hash, see ApiKey. */
export const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex');

/** A new key: 256 random bits. The prefix lets scanners of repositories find one that was committed. */
export function newToken(): { token: string; hash: string; start: string } {
  const token = prefix + randomBytes(32).toString('base64url');
  return { token, hash: hashToken(token), start: token.slice(0, shown) };
}

/** Compares in a time that does not depend on where they differ. */
export const equalTokens = (one: string, other: string): boolean =>
  timingSafeEqual(Buffer.from(hashToken(one)), Buffer.from(hashToken(other)));
