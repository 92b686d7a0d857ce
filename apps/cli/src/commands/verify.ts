import { verifyLayers, verifyTraces, type LayerTable, type TraceTable, type Verification } from '@unroll/training';
import type { Command } from 'commander';
import { join } from 'node:path';
import { CommandFailed } from '../errors/command-failed';
import { readText } from '../input/documents';
import { chooseGpu, engineChoice, openNamedEngine, gpuChoice } from '../engines';
import { table } from '../show/table';
import { note, say } from '../show/text';
import { example } from './command';
import { collect } from './options';
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
    parsed = JSON.parse(await readText(path));
  } catch (error) {
    if (error instanceof CommandFailed) throw error;
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
  const results: Verification[] = [];
  for (const file of given ? layers : [ownLayers]) {
    if (!json) note(`${file} on ${engine.name} (${engine.device}) ...`);
    results.push(...(await verifyLayers(await readTable<LayerTable>(file, 'cases'), engine)));
  }
  for (const file of given ? traces : [ownTraces]) {
    if (!json) note(`${file} on ${engine.name} (${engine.device}) ...`);
    results.push(...(await verifyTraces(await readTable<TraceTable>(file, 'runs'), engine)));
  }
  const failed = results.filter(({ passed }) => !passed);
  if (json)
    say(
      JSON.stringify(
        { engine: engine.name, device: engine.device, passed: failed.length === 0, cases: results },
        null,
        2,
      ),
    );
  else sayResults(results, failed);
  if (failed.length > 0)
    throw new CommandFailed(
      `${failed.length} of ${results.length} cases differ from PyTorch on ${engine.name}: do not train with it`,
    );
}

function sayResults(results: readonly Verification[], failed: readonly Verification[]): void {
  const rows = results.map((result) => [
    result.case,
    result.path,
    result.error.toExponential(1),
    result.worst,
    result.tolerance.toExponential(0),
    result.passed ? 'ok' : 'FAILED',
  ]);
  say(table(['case', 'path', 'largest error', 'in', 'tolerance', ''], rows, [2, 4]));
  const largest = results.reduce((a, b) => (b.error > a.error ? b : a));
  if (failed.length === 0)
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
