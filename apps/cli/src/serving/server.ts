import {
  generateBody,
  predictBody,
  problemDetails,
  servingLimits,
  stepBody,
  validate,
  ValidationError,
  type FieldError,
  type ServedModel,
} from '@unroll/contracts';
import { parseExactly } from '@unroll/datasets';
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import { createHash, timingSafeEqual } from 'node:crypto';
import { Batcher } from './batcher';
import type { Inference } from './inference';
import { clientGone, Refused, refusedFields } from './refused';
import { ServingMetrics } from './serving-metrics';

export interface ServerOptions {
  served: ServedModel;
  inference: Inference;
  /** What requests must carry as `authorization: Bearer KEY`; undefined for nothing. */
  key?: string | undefined;
}

/** Milliseconds between two comments that keep a stream of events open. */
const heartbeat = 15_000;
/** Seconds after which a client that was refused for want of room is to try again. */
const retryAfter = 1;

const hash = (text: string): Buffer => createHash('sha256').update(text).digest();

const requireKey =
  (key: string): RequestHandler =>
  ({ headers }, _response, next) => {
    if (!timingSafeEqual(hash(headers.authorization ?? ''), hash(`Bearer ${key}`)))
      throw new Refused(401, 'the key is missing or wrong: send authorization: Bearer KEY');
    next();
  };

/** A body must say that it is JSON: a page of another site cannot make a browser send that. */
const requireJson: RequestHandler = (request, _response, next) => {
  const hasBody =
    Number(request.headers['content-length'] ?? 0) > 0 || request.headers['transfer-encoding'] !== undefined;
  if (request.method === 'POST' && hasBody && !request.is('application/json'))
    throw new Refused(415, 'the body must be JSON: send content-type: application/json');
  next();
};

/** The body as data is read in training: with all digits of its integers, and no key twice in an object. */
const parseBody: RequestHandler = (request, _response, next) => {
  const body: unknown = request.body;
  if (typeof body === 'string') {
    try {
      request.body = body === '' ? {} : parseExactly(body);
    } catch (error) {
      throw error instanceof SyntaxError ? new Refused(400, 'the body is not valid JSON') : error;
    }
  }
  next();
};

/** An error as its status and words. */
function problemOf(error: unknown): { status: number; detail: string; errors?: readonly FieldError[] | undefined } {
  if (error instanceof Refused) return { status: error.status, detail: error.message, errors: error.errors };
  if (error instanceof ValidationError)
    return {
      status: error.errors.some(({ path }) => path === '') ? 400 : 422,
      detail: error.message,
      errors: error.errors,
    };
  const { type, status = 500 } = Object(error) as { type?: string; status?: number };
  if (type === 'entity.too.large')
    return { status: 413, detail: `the body is larger than ${servingLimits.bodyBytes} bytes` };
  if (status >= 400 && status < 500) return { status, detail: 'the request cannot be read' };
  return { status: 500, detail: 'internal error; the output of unroll serve has the details' };
}

const answerProblem =
  (onError: (error: unknown) => void): ErrorRequestHandler =>
  (error, _request, response: Response, _next) => {
    const { status, detail, errors } = problemOf(error);
    if (status >= 500 && !(error instanceof Refused)) onError(error);
    if (response.headersSent) return void response.destroy();
    if (status === 503) response.set('Retry-After', String(retryAfter));
    response
      .status(status)
      .type('application/problem+json')
      .send(JSON.stringify(problemDetails(status, detail, errors)));
  };

/** Aborts, with what is to be thrown, when a client has gone before it got its answer. */
function goneSignal(response: Response): AbortSignal {
  const gone = new AbortController();
  const abort = (): void => gone.abort(clientGone());
  if (response.closed) abort();
  else response.on('close', abort);
  return gone.signal;
}

/** Sends pieces of a text as server-sent events (WHATWG HTML, section 9.2): `token` for each, then `done`, or `problem`. */
async function streamText(
  response: Response,
  work: (onText: (piece: string) => void, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const signal = goneSignal(response);
  const send = (event: string, data: object): void =>
    void response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  const begin = (): void => {
    if (response.headersSent) return;
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
  };
  const beat = setInterval(() => response.headersSent && response.write(': keep-alive\n\n'), heartbeat);
  try {
    await work((piece) => {
      begin();
      send('token', { text: piece });
    }, signal);
    begin();
    send('done', {});
  } catch (error) {
    // A prompt that is refused has a status of its own; after that, an event says it.
    if (!response.headersSent) throw error;
    if (signal.aborted) return;
    const { status, detail } = problemOf(error);
    send('problem', problemDetails(status, detail));
  } finally {
    clearInterval(beat);
  }
  response.end();
}

/** The HTTP interface of a model. Every answer but `GET /healthz` and `GET /metrics` is JSON, or an RFC 9457 problem. */
export function createServing(
  { served, inference, key }: ServerOptions,
  onError: (error: unknown) => void = () => undefined,
): Express {
  const app = express();
  const metrics = new ServingMetrics(() => inference.sessionCount());
  const { batch, delayMilliseconds } = served.limits;
  const batcher = new Batcher((requests) => inference.predict(requests), {
    ...{ batch, delayMilliseconds },
    onBatch: (inputs) => metrics.batch(inputs),
  });
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(metrics.observe);
  app.get('/healthz', (_request, response) => void response.type('text/plain').send('ok\n'));
  if (key !== undefined) app.use(requireKey(key));
  app.use(requireJson, express.text({ limit: servingLimits.bodyBytes, type: 'application/json' }), parseBody);
  app.get('/metrics', async (_request, response) => void response.type(metrics.contentType).send(await metrics.text()));
  app.get('/v1/model', (_request, response) => void response.json(served));
  app.post('/v1/predict', async ({ body }: Request, response) => {
    const outcome = await batcher.add(validate(predictBody, body).inputs);
    if ('errors' in outcome) throw refusedFields(outcome.errors);
    response.json(outcome);
  });
  app.post('/v1/generate', async ({ body }: Request, response) => {
    const { stream, ...request } = validate(generateBody, body);
    if (stream) return streamText(response, (onText, signal) => inference.generate(request, onText, signal));
    const pieces: string[] = [];
    await inference.generate(request, (piece) => void pieces.push(piece), goneSignal(response));
    response.json({ text: pieces.join('') });
  });
  addSessions(app, inference);
  app.use(({ method, path }) => {
    throw new Refused(
      404,
      `there is no route ${method} ${path}: see GET /v1/model, POST /v1/predict, /v1/generate and /v1/sessions`,
    );
  });
  app.use(answerProblem(onError));
  return app;
}

function addSessions(app: Express, inference: Inference): void {
  app.post('/v1/sessions', async (_request, response) => {
    const id = await inference.openSession();
    response.status(201).json({ id, idleSeconds: servingLimits.sessionSeconds });
  });
  app.post('/v1/sessions/:id/steps', async ({ params, body }: Request<{ id: string }>, response) => {
    response.json(await inference.step(params.id, validate(stepBody, body ?? {}), goneSignal(response)));
  });
  app.delete('/v1/sessions/:id', async ({ params }: Request<{ id: string }>, response) => {
    await inference.endSession(params.id);
    response.status(204).end();
  });
}
