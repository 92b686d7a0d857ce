/** What a client is told whose key is refused. A key that was revoked or has expired is wrong. */
export const keyAdvice = (problem: 'missing' | 'wrong'): string =>
  `the key is ${problem}: send it as Authorization: Bearer <key>`;
