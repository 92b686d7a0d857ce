import type { Response } from 'express';

/** When version 0.2.0 renamed routes and keys, in seconds since 1970 (RFC 9745). */
const since = Date.UTC(2026, 10, 28) / 1000;

/** Marks a response as that of a deprecated route, and names its successor (RFC 9745, sections 2 and 3). */
export function deprecate(response: Response, successor: string): void {
  response.setHeader('Deprecation', `@${since}`);
  response.setHeader('Link', `<${successor}>; rel="successor-version"`);
}
