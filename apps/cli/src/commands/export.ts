import { exportOnnx, exportTorch, onnxDifference, onnxRuntime, onnxTolerance, type Model } from '@unroll/training';
import { Option, type Command } from 'commander';
import { CommandFailed } from '../errors/command-failed';
import { engineChoice, openNamedEngine } from '../engines';
import { modelArgument, openModel, writeOutput } from '../input/models';
import { note, sayData } from '../show/text';
import { example } from './command';

interface Options {
  output: string;
  engine: string;
  format: 'onnx' | 'pytorch';
  json?: boolean;
}

async function exportCommand(name: string, options: Options): Promise<void> {
  const model = await openModel(name);
  await (options.format === 'pytorch' ? toPyTorch(model, options) : toOnnx(model, options));
}

/** @throws CommandFailed for a model that the format cannot hold */
function exported<Result>(make: () => Result): Result {
  try {
    return make();
  } catch (error) {
    throw new CommandFailed((error as Error).message, 2);
  }
}

async function toPyTorch(model: Model, { output, json }: Options): Promise<void> {
  const { file, module } = exported(() => exportTorch(model));
  await writeOutput(output, file);
  if (json) return sayData(JSON.stringify({ file: output, bytes: file.length, module }));
  note(`Wrote ${output}. Load it with: network.load_state_dict(safetensors.torch.load_file("${output}"))`);
  sayData(module.trimEnd());
}

async function toOnnx(model: Model, { output, engine, json }: Options): Promise<void> {
  const file = exported(() => exportOnnx(model));
  const runtime = onnxRuntime();
  let difference: number | null = null;
  if (runtime) {
    await openNamedEngine(engine);
    difference = await onnxDifference(file, model, runtime);
    if (!(difference <= onnxTolerance))
      throw new CommandFailed(
        `the graph differs from the model by ${difference.toExponential(1)}, more than ${onnxTolerance}: no file was written`,
      );
  }
  await writeOutput(output, file);
  if (json) return sayData(JSON.stringify({ file: output, bytes: file.length, difference }));
  const checked =
    difference === null
      ? 'not verified, because onnxruntime-node is not installed'
      : `verified with onnxruntime-node, largest difference ${difference.toExponential(1)}`;
  note(`Wrote ${output}: ${checked}.`);
}

export function addExportCommand(program: Command): void {
  program
    .command('export')
    .argument('<model>', modelArgument)
    .description('export a model to ONNX and verify it, or its weights to PyTorch')
    .requiredOption('-o, --output <file>', 'the file to write')
    .addOption(
      new Option('--format <format>', 'onnx; or pytorch: safetensors that a module of PyTorch loads, which is printed')
        .choices(['onnx', 'pytorch'])
        .default('onnx'),
    )
    .option('--engine <engine>', engineChoice, 'auto')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      example('unroll export best -o model.onnx', 'unroll export best --format pytorch -o weights.safetensors'),
    )
    .action(exportCommand);
}
