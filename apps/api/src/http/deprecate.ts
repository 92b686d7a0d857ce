import type { Response } from 'express';

/** When version 0.2.0 gave routes and keys other names, in seconds since 1970 as RFC 9745 writes it. */
const since = Date.UTC(2026, 10, 28) / 1000;

/** Marks an answer as that of a deprecated route, and names the one to use (RFC 9745, section 2 and 3). */
export function deprecate(response: Response, successor: string): void {
  response.setHeader('Deprecation', `@${since}`);
  response.setHeader('Link', `<${successor}>; rel="successor-version"`);
}
