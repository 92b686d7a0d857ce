import { isLoopback, servingKey } from '@unroll/config';
import type { ServedModel } from '@unroll/contracts';
import { Option, type Command } from 'commander';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { availableParallelism } from 'node:os';
import { CommandFailed } from '../errors/command-failed';
import { engineChoice } from '../engines';
import { modelArgument, openModel } from '../input/models';
import type { AskedPrecision } from '../serving/inference';
import { NetworkProcess } from '../serving/network-process';
import { createServing } from '../serving/server';
import { complain, note, sayData } from '../show/text';
import { example } from './command';
import { wholeNumber } from './options';

interface Options {
  port: number;
  host: string;
  engine: string;
  precision?: Exclude<AskedPrecision, undefined>;
  threads?: number;
  batch: number;
  delay: number;
  json?: boolean;
}

/** Milliseconds in which requests under way are answered when the server is asked to stop. */
const patience = 10_000;

/** @throws CommandFailed for an address that cannot be listened on */
async function listen(server: Server, { port, host }: Options): Promise<string> {
  server.listen(port, host);
  await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
    const why =
      error.code === 'EADDRINUSE' ? 'is in use: choose another with --port' : `cannot be used (${error.code})`;
    throw new CommandFailed(`--port ${port}: ${host}:${port} ${why}`, 2);
  });
  const { address, port: own, family } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${own}`;
}

/** Resolves once the process is asked to stop. */
const asked = (): Promise<undefined> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(undefined));
  });

/** Takes no more requests, and answers those under way. */
async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), patience);
  await closed;
  clearTimeout(timer);
}

function precisionLine({ weights, error }: ServedModel['precision']): string {
  if (weights === 'float32') return 'float32';
  return error === null ? 'int8 weights' : `int8 weights, outputs within ${error.toExponential(1)} of float32`;
}

/** @throws CommandFailed for more threads than run at once: they would wait for one another */
function requireCores(threads: number | undefined): void {
  const cores = availableParallelism();
  if (threads !== undefined && threads > cores)
    throw new CommandFailed(
      `--threads ${threads}: must be at most ${cores}, the processors that this machine lets it use`,
      2,
    );
}

async function serve(name: string, options: Options): Promise<void> {
  const { host, engine, precision, threads, batch, delay, json } = options;
  requireCores(threads);
  const key = servingKey(process.env);
  if (key === undefined && !isLoopback(host))
    throw new CommandFailed(
      `--host ${host}: anyone who can reach it could use the model: set UNROLL_SERVE_KEY to a key of at least 16 characters`,
      2,
    );
  const { bytes } = await openModel(name);
  const how = { name, file: bytes, engine, precision, threads, batch, delayMilliseconds: delay };
  const { inference, served } = await NetworkProcess.start(how, (line) => complain(`unroll serve: ${line}`));
  const stop = asked();
  const app = createServing({ served, inference, key }, (error) => complain(`unroll serve: ${String(error)}`));
  const server = createServer(app);
  try {
    const url = await listen(server, options);
    if (json) sayData(JSON.stringify({ url, model: served }));
    else
      note(
        `Serving ${name}, a ${served.task} model (${served.cell}, ${served.parameters} parameters, ${precisionLine(served.precision)}, ` +
          `engine ${served.engine}), at ${url}. Press Ctrl-C to stop.`,
      );
    const reason = await Promise.race([stop, inference.broken]);
    if (reason !== undefined) throw new CommandFailed(reason);
    note('Stopping ...');
  } finally {
    await close(server);
    inference.end();
  }
}

export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .argument('<model>', modelArgument)
    .description('answer predictions, generation and sessions of a model over HTTP')
    .option('--port <port>', 'port; 0 for a free one', wholeNumber(0, 65_535), 8000)
    .option('--host <address>', 'address; others than of this machine need UNROLL_SERVE_KEY', '127.0.0.1')
    .addOption(
      new Option(
        '--precision <precision>',
        'of the weights: float32, or int8, each row of a matrix with its scale',
      ).choices(['float32', 'int8']),
    )
    .option('--batch <inputs>', 'inputs that are answered by one pass over the network', wholeNumber(1, 1024), 32)
    .option('--delay <milliseconds>', 'how long an input waits for others; 0 for not at all', wholeNumber(0, 1000), 1)
    .option(
      '--threads <threads>',
      'that work on one pass, on the engine native; by default UNROLL_THREADS, or 2 where there are as many processors',
      wholeNumber(1, 256),
    )
    .option('--engine <engine>', engineChoice, 'auto')
    .option('--json', 'print the address and the model as one line of JSON')
    .addHelpText('after', example('unroll serve best --port 8000', 'unroll serve model.safetensors --precision int8'))
    .action(serve);
}
