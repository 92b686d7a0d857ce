import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { sweepJsonSchema } from '@unroll/contracts';
import type { Request, Response } from 'express';
import { completeDocument } from './complete';

/** Serves `/openapi.json`, its documentation at `/docs`, and the JSON Schema of a sweep. */
export function serveOpenApi(app: INestApplication): void {
  const config = new DocumentBuilder()
    .setTitle('Unroll')
    .setDescription('Hyperparameter sweeps of recurrent networks on a fleet of workers.')
    .setVersion('1')
    .setOpenAPIVersion('3.1.0')
    .addBearerAuth()
    .build();
  const operationIdFactory = (controller: string, method: string): string =>
    `${controller.charAt(0).toLowerCase()}${controller.slice(1).replace(/Controller$/, '')}_${method}`;
  const build = (): OpenAPIObject =>
    completeDocument(SwaggerModule.createDocument(app, config, { operationIdFactory }));
  SwaggerModule.setup('docs', app, build, { jsonDocumentUrl: 'openapi.json', customSiteTitle: 'Unroll API' });
  const server = app.getHttpAdapter();
  // Built by the first request, like the documentation: it would be a third of the work of a start.
  let schema: string | undefined;
  server.get('/v1/schema/sweep.json', (_: Request, response: Response) => {
    schema ??= JSON.stringify(sweepJsonSchema());
    response.type('application/schema+json').send(schema);
  });
  server.get('/', (_: Request, response: Response) => response.redirect('/docs'));
}
