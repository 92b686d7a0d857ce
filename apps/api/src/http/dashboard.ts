import type { NestExpressApplication } from '@nestjs/platform-express';
import compression from 'compression';
import type { NextFunction, Request, Response } from 'express';
import staticFiles from 'express-static-gzip';
import { existsSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** What the API answers itself: every other address belongs to the page, which finds its way by itself. */
const notThePage = /^\/(v1|docs|docs-yaml|openapi\.json|healthz|readyz|metrics)(\/|$)/;
/** A year. The build puts a hash of the content into each name. */
const forever = 'public, max-age=31536000, immutable';

/** Bytes below which an answer is not worth the time that compressing takes. */
const large = 100_000;

/** Compresses what is large and has an end, such as 500 curves; never a stream of events or rows, which must flow. */
export function compressLargeAnswers(app: NestExpressApplication): void {
  const isJson = (_: Request, response: Response): boolean => /json/.test(String(response.getHeader('content-type')));
  app.use('/v1', compression({ threshold: large, filter: isJson }));
}

type Files = ReturnType<typeof staticFiles>;

/** Where the built page lies, whether this file is built too or runs from its source (in tests). */
function folderOfPage(): string | undefined {
  const built = join(__dirname, '..', '..', '..', 'dashboard');
  const root = join(__dirname, '..', '..', '..', '..');
  return [built, join(root, 'dist', 'apps', 'dashboard')].find((folder) => existsSync(join(folder, 'assets')));
}

/**
 * Serves the dashboard: its files, and its page at every address that is not the API's. It holds no secret, so it needs
 * no key; what it asks the API for does. Without a built page the API goes on alone.
 */
export function serveDashboard(app: NestExpressApplication): void {
  const folder = folderOfPage();
  if (folder === undefined) return;
  const send = staticFiles(folder, {
    index: false,
    enableBrotli: true,
    orderPreference: ['br'],
    serveStatic: {
      setHeaders: (response, path) =>
        response.setHeader('cache-control', relative(folder, path).startsWith(`assets${sep}`) ? forever : 'no-cache'),
    },
  });
  app.use((request: Request, response: Response, next: NextFunction) => {
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (!isRead || notThePage.test(request.path)) return next();
    send(request, response, () => page(request, response, next, send));
  });
}

/** The page itself, for a browser: what a program asks for in vain, or a picture that is not there, stays missing. */
function page(request: Request, response: Response, next: NextFunction, send: Files): void {
  if (!request.headers.accept?.includes('text/html')) return next();
  request.url = '/index.html';
  send(request, response, next);
}
