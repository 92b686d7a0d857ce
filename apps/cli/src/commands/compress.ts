import { datasetKindFor, fingerprintOfSource, prepare, type DataSource } from '@unroll/datasets';
import { compressModel, Network, type Model } from '@unroll/training';
import type { Command } from 'commander';
import { gzipSync } from 'node:zlib';
import { CommandFailed } from '../errors/command-failed';
import { fileSource, namedSource } from '../input/data-sources';
import { engineChoice, engineOf } from '../engines';
import { modelArgument, openModel, writeOutput } from '../input/models';
import { table } from '../show/table';
import { note, number, say } from '../show/text';
import { example } from './command';
import { part } from './options';

interface Options {
  output: string;
  prune?: number;
  int8?: boolean;
  data?: string;
  engine: string;
  json?: boolean;
}

/** A model as it is measured: what it reaches, and what it takes. */
interface Measured {
  metrics: Record<string, number>;
  bytes: number;
  gzipBytes: number;
}

async function dataOf({ header: { spec } }: Model, data: string | undefined): Promise<DataSource> {
  if (data !== undefined) return fileSource(data, datasetKindFor[spec.task.kind], '--data');
  if (spec.dataset.name === 'file')
    throw new CommandFailed('the model was trained on a file: name it with --data, to measure the loss of quality', 2);
  return namedSource(spec.dataset);
}

async function compress(name: string, { output, prune = 0, int8 = false, data, engine, json }: Options): Promise<void> {
  if (prune === 0 && !int8) throw new CommandFailed('nothing to do: give --prune, --int8, or both', 2);
  const model = await openModel(name);
  const { spec, reading, fingerprint } = model.header;
  const source = await dataOf(model, data);
  if (fingerprintOfSource(source) !== fingerprint) note('These are not the data that the model was trained on.');
  const prepared = prepare(source, { ...spec, reading }).data;
  await engineOf(engine);
  const measured = async (of: Model, file: Uint8Array): Promise<Measured> => {
    const network = new Network(of, prepared);
    const metrics = await network.measure();
    network.dispose();
    return { metrics, bytes: file.length, gzipBytes: gzipSync(file).length };
  };
  const { file, model: smaller } = compressModel(model, { prune, int8 });
  const [before, after] = [await measured(model, model.bytes), await measured(smaller, file)];
  await writeOutput(output, file);
  if (json) return say(JSON.stringify({ before, after, file: output }));
  const row = (what: string, of: (each: Measured) => number | undefined): string[] => [
    what,
    ...[before, after].map((each) => number(of(each))),
  ];
  const rows = [
    ...Object.keys(before.metrics).map((metric) => row(`validation.${metric}`, ({ metrics }) => metrics[metric])),
    row('bytes', ({ bytes }) => bytes),
    row('bytes with gzip', ({ gzipBytes }) => gzipBytes),
  ];
  say(table(['', 'before', 'after'], rows, [1, 2]));
  note(`Wrote ${output}.`);
}

export function addCompressCommand(program: Command): void {
  program
    .command('compress')
    .argument('<model>', modelArgument)
    .description('make a model smaller, and measure what that costs')
    .requiredOption('-o, --output <file>', 'where to')
    .option('--prune <part>', 'set this part of the weights to 0, the smallest first', part)
    .option('--int8', 'store matrices as whole numbers of 8 bits')
    .option('--data <file>', 'the data to measure on, where the model was trained on a file')
    .option('--engine <engine>', engineChoice, 'auto')
    .option('--json', 'print the figures as JSON')
    .addHelpText('after', example('unroll compress last -o small.safetensors --prune 0.5 --int8'))
    .action(compress);
}
