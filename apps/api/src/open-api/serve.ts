import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { NextFunction, Request, Response } from 'express';
import type { makeSchemas } from '../http/schemas';
import { SearchThreads } from '../search/search-threads';
import { completeDocument } from './complete';

type Schemas = ReturnType<typeof makeSchemas>;

/** Serves `/openapi.json`, its documentation at `/docs`, and the JSON Schema of a sweep. */
export function serveOpenApi(app: INestApplication): void {
  const config = new DocumentBuilder()
    .setTitle('Unroll')
    .setDescription('Hyperparameter sweeps of recurrent networks on a fleet of workers.')
    .setVersion('1')
    .setOpenAPIVersion('3.1.0')
    .addBearerAuth()
    .build();
  // Made for the first request, in a thread: it would be a third of the work of a start, and hold up other requests.
  let making: Promise<void> | undefined;
  let schemas: Schemas | undefined;
  const make = async (): Promise<void> => void (schemas = await app.get(SearchThreads).schemas());
  const prepare = (_: Request, __: Response, next: NextFunction): void => {
    making ??= make();
    making.then(
      () => next(),
      (error: unknown) => {
        making = undefined;
        next(error);
      },
    );
  };
  const operationIdFactory = (controller: string, method: string): string =>
    `${controller.charAt(0).toLowerCase()}${controller.slice(1).replace(/Controller$/, '')}_${method}`;
  const build = (): OpenAPIObject =>
    completeDocument(SwaggerModule.createDocument(app, config, { operationIdFactory }), schemas!.components);
  const server = app.getHttpAdapter();
  for (const path of ['/openapi.json', '/docs', '/docs-json', '/docs-yaml', '/v1/schema/sweep.json'])
    server.use(path, prepare);
  SwaggerModule.setup('docs', app, build, { jsonDocumentUrl: 'openapi.json', customSiteTitle: 'Unroll API' });
  server.get('/v1/schema/sweep.json', (_: Request, response: Response) => {
    response.type('application/schema+json').send(schemas!.sweep);
  });
  server.get('/', (_: Request, response: Response) => response.redirect('/docs'));
}
