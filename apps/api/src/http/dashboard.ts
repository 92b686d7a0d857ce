import type { NestExpressApplication } from '@nestjs/platform-express';
import compression from 'compression';
import type { NextFunction, Request, Response } from 'express';
import staticFiles from 'express-static-gzip';
import { existsSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** Paths that the API serves. All others are the dashboard's, which routes them on the client. */
const apiPaths = /^\/(v1|docs|docs-yaml|openapi\.json|healthz|readyz|metrics)(\/|$)/;
/** A year: the build puts a hash of the content in each file name. */
const immutable = 'public, max-age=31536000, immutable';

/** Bytes below which compressing a response takes longer than it saves. */
const compressionThreshold = 100_000;

/** Compresses large JSON responses, such as 500 curves, but never streams of events or rows, which must not be buffered. */
export function compressLargeResponses(app: NestExpressApplication): void {
  const isJson = (_: Request, response: Response): boolean => /json/.test(String(response.getHeader('content-type')));
  app.use('/v1', compression({ threshold: compressionThreshold, filter: isJson }));
}

type Files = ReturnType<typeof staticFiles>;

/** The folder of the built dashboard, whether this file is built too or runs from source (in tests). */
function findDashboard(): string | undefined {
  const built = join(__dirname, '..', '..', '..', 'dashboard');
  const root = join(__dirname, '..', '..', '..', '..');
  return [built, join(root, 'dist', 'apps', 'dashboard')].find((folder) => existsSync(join(folder, 'assets')));
}

/**
 * Serves the dashboard: its files, and its page at every path that is not the API's. It contains no secrets, so it needs no key; its
 * requests to the API do. Without a built dashboard, only the API is served.
 */
export function serveDashboard(app: NestExpressApplication): void {
  const folder = findDashboard();
  if (folder === undefined) return;
  const send = staticFiles(folder, {
    index: false,
    enableBrotli: true,
    orderPreference: ['br'],
    serveStatic: {
      setHeaders: (response, path) =>
        response.setHeader('cache-control', relative(folder, path).startsWith(`assets${sep}`) ? immutable : 'no-cache'),
    },
  });
  app.use((request: Request, response: Response, next: NextFunction) => {
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (!isRead || apiPaths.test(request.path)) return next();
    send(request, response, () => sendPage(request, response, next, send));
  });
}

/** Sends the page to browsers only: for a program, or a missing image, the path stays not found. */
function sendPage(request: Request, response: Response, next: NextFunction, send: Files): void {
  if (!request.headers.accept?.includes('text/html')) return next();
  request.url = '/index.html';
  send(request, response, next);
}
