import { tasks } from '@unroll/contracts';
import { fingerprintSource, prepare, type DataSource } from '@unroll/datasets';
import { compressModel, Network, type Model } from '@unroll/training';
import type { Command } from 'commander';
import { gzipSync } from 'node:zlib';
import { CommandFailed } from '../errors/command-failed';
import { fileSource, namedSource } from '../input/data-sources';
import { engineChoice, openNamedEngine } from '../engines';
import { modelArgument, openModel, requireHeldOut, writeOutput } from '../input/models';
import { table } from '../show/table';
import { note, number, say, sayData } from '../show/text';
import { example } from './command';
import { fraction } from './options';

interface Options {
  output: string;
  prune?: number;
  int8?: boolean;
  data?: string;
  engine: string;
  json?: boolean;
}

/** A model's metrics and its size. */
interface Measured {
  metrics: Record<string, number>;
  bytes: number;
  gzipBytes: number;
}

async function openData({ header }: Model, data: string | undefined): Promise<DataSource> {
  const { spec } = header;
  if (data !== undefined) return fileSource(data, tasks[spec.task.kind].datasets[0], '--data');
  if (spec.dataset.name === 'file')
    throw new CommandFailed('the model was trained on a file: pass it with --data to measure the quality lost', 2);
  requireHeldOut(header, '--data');
  return namedSource(spec.dataset);
}

async function compress(name: string, { output, prune = 0, int8 = false, data, engine, json }: Options): Promise<void> {
  if (prune === 0 && !int8) throw new CommandFailed('nothing to do: give --prune, --int8 or both', 2);
  const model = await openModel(name);
  const { spec, reading, fingerprint } = model.header;
  const source = await openData(model, data);
  if (fingerprintSource(source) !== fingerprint) note('Warning: the model was trained on different data.');
  const prepared = prepare(source, { ...spec, reading }).data;
  await openNamedEngine(engine);
  const measured = async (of: Model, file: Uint8Array): Promise<Measured> => {
    const network = new Network(of, prepared);
    const metrics = await network.measure();
    network.dispose();
    return { metrics, bytes: file.length, gzipBytes: gzipSync(file).length };
  };
  const { file, model: smaller } = compressModel(model, { prune, int8 });
  const [before, after] = [await measured(model, model.bytes), await measured(smaller, file)];
  await writeOutput(output, file);
  if (json) return sayData(JSON.stringify({ before, after, file: output }));
  const row = (what: string, of: (each: Measured) => number | undefined): string[] => [
    what,
    ...[before, after].map((each) => number(of(each))),
  ];
  const rows = [
    ...Object.keys(before.metrics).map((metric) => row(`validation.${metric}`, ({ metrics }) => metrics[metric])),
    row('bytes', ({ bytes }) => bytes),
    row('bytes, gzipped', ({ gzipBytes }) => gzipBytes),
  ];
  say(table(['', 'before', 'after'], rows, [1, 2]));
  note(`Wrote ${output}.`);
}

export function addCompressCommand(program: Command): void {
  program
    .command('compress')
    .argument('<model>', modelArgument)
    .description('compress a model and measure the effect on its metrics')
    .requiredOption('-o, --output <file>', 'the file to write')
    .option('--prune <part>', 'fraction of the weights to set to 0, smallest magnitude first', fraction)
    .option('--int8', 'quantize the matrices to 8-bit integers')
    .option('--data <file>', 'the data to measure on, if the model was trained on a file')
    .option('--engine <engine>', engineChoice, 'auto')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', example('unroll compress best -o small.safetensors --prune 0.5 --int8'))
    .action(compress);
}
