import { parseJson, ValidationError } from '@unroll/contracts';
import { verifyLayers, verifyTraces, type Engine, type Verification } from '@unroll/training';
import type { Command } from 'commander';
import { join } from 'node:path';
import { CommandFailed } from '../errors/command-failed';
import { readText } from '../input/documents';
import { chooseGpu, engineChoice, openNamedEngine, gpuChoice } from '../engines';
import { table } from '../show/table';
import { note, say } from '../show/text';
import { example } from './command';
import { collect } from './options';
import { isFailed, kernelsOf, requireKernels } from './verify-kernels';
import { verifyTasksCommand } from './verify-tasks';

interface Options {
  engine: string;
  gpu?: string;
  layers: string[];
  traces: string[];
  tasks?: boolean;
  all?: boolean;
  json?: boolean;
}

/** The project's own tables, generated with PyTorch in tests/reference. */
const own = join(__dirname, '..', '..', '..', '..', '..', 'tests', 'reference');
const ownLayers = join(own, 'recurrent-layers.json');
const ownTraces = join(own, 'training-traces.json');

async function readTable<Table>(path: string, key: string): Promise<Table> {
  let parsed: unknown;
  try {
    parsed = parseJson(await readText(path));
  } catch (error) {
    if (error instanceof CommandFailed) throw error;
    if (error instanceof ValidationError) throw new CommandFailed(`${path}: ${error.message}`, 2);
    throw new CommandFailed(`${path}: is not valid JSON`, 2);
  }
  if (!Array.isArray((Object(parsed) as Record<string, unknown>)[key]))
    throw new CommandFailed(`${path}: has no list "${key}"`, 2);
  return parsed as Table;
}

async function verify({ engine: name, gpu, layers, traces, tasks, all, json }: Options): Promise<void> {
  const given = layers.length + traces.length > 0;
  if (tasks && given) throw new CommandFailed('--tasks generates its trainings: leave out --layers and --traces', 2);
  if (all && !tasks) throw new CommandFailed('--all: is for --tasks; give both', 2);
  if (tasks) return verifyTasksCommand({ engine: chooseGpu(gpu, name), all, json });
  const engine = await openNamedEngine(chooseGpu(gpu, name));
  const verifyFiles = async <Table>(
    files: readonly string[],
    key: string,
    verifyTable: (table: Table, engine: Engine) => Promise<Verification[]>,
  ): Promise<Verification[]> => {
    const all: Verification[] = [];
    for (const file of files) {
      if (!json) note(`${file} on ${engine.name} (${engine.device}) ...`);
      all.push(...(await verifyTable(await readTable<Table>(file, key), engine)));
    }
    return all;
  };
  const kernels = given ? [] : await kernelsOf(engine);
  // Layers are made of these kernels.
  const results = kernels.some(isFailed)
    ? []
    : [
        ...(await verifyFiles(given ? layers : [ownLayers], 'cases', verifyLayers)),
        ...(await verifyFiles(given ? traces : [ownTraces], 'runs', verifyTraces)),
      ];
  const failed = results.filter(isFailed);
  if (json) {
    const passed = !kernels.some(isFailed) && failed.length === 0;
    say(JSON.stringify({ engine: engine.name, device: engine.device, passed, kernels, cases: results }, null, 2));
  } else sayResults(kernels, results);
  requireKernels(engine.name, kernels);
  if (failed.length > 0)
    throw new CommandFailed(
      `${failed.length} of ${results.length} cases differ from PyTorch on ${engine.name}: do not train with it`,
    );
}

/** Of the kernels, those that are wrong are listed. */
function sayResults(kernels: readonly Verification[], results: readonly Verification[]): void {
  const rows = [...kernels.filter(isFailed), ...results].map((result) => [
    result.case,
    result.path,
    result.error.toExponential(1),
    result.worst,
    result.tolerance.toExponential(0),
    result.passed ? 'ok' : 'FAILED',
  ]);
  say(table(['case', 'path', 'largest error', 'in', 'tolerance', ''], rows, [2, 4]));
  if (kernels.length > 0 && !kernels.some(isFailed))
    say(`\nAll ${kernels.length} kernels of TensorFlow.js that are used give what they give on the engine cpu.`);
  if (results.length === 0 || results.some(isFailed)) return;
  const largest = results.reduce((a, b) => (b.error > a.error ? b : a));
  say(
    `\nAll ${results.length} cases match PyTorch; the largest relative error is ${largest.error.toExponential(1)} (${largest.case}).`,
  );
}

export function addVerifyCommand(program: Command): void {
  program
    .command('verify')
    .description('compare an engine with reference values from PyTorch, or whole trainings with the engine cpu')
    .option('--engine <engine>', engineChoice, 'auto')
    .option('--gpu <gpu>', gpuChoice)
    .option('--layers <file>', 'your own table of layers; repeatable', collect, [])
    .option('--traces <file>', 'your own table of training runs; repeatable', collect, [])
    .option('--tasks', 'train every task, cell and option for 3 updates instead, each two of them together')
    .option('--all', 'with --tasks: every option with every task and cell')
    .option('--json', 'print the results as JSON')
    .addHelpText('after', example('unroll verify --engine wasm', 'unroll verify --tasks --gpu software'))
    .action(verify);
}
