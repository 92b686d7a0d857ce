import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Characters of a key that are stored, to recognise it by. */
const shown = 11;
const prefix = 'unroll_';
const linkPrefix = 'unroll_link_';

/** Whether a token is a link's rather than a key's. */
export const isLinkToken = (token: string): boolean => token.startsWith(linkPrefix);

/** The token of a new link: as random as a key. */
export function newLinkToken(): { token: string; hash: string } {
  const token = linkPrefix + randomBytes(32).toString('base64url');
  return { token, hash: hashToken(token) };
}

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
