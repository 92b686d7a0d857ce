import { exportOnnx, onnxDifference, onnxRuntime, onnxTolerance } from '@unroll/training';
import type { Command } from 'commander';
import { CommandFailed } from '../errors/command-failed';
import { engineChoice, openNamedEngine } from '../engines';
import { modelArgument, openModel, writeOutput } from '../input/models';
import { note, sayData } from '../show/text';
import { example } from './command';

interface Options {
  output: string;
  engine: string;
  json?: boolean;
}

async function exportCommand(name: string, { output, engine, json }: Options): Promise<void> {
  const model = await openModel(name);
  let file: Uint8Array;
  try {
    file = exportOnnx(model);
  } catch (error) {
    throw new CommandFailed((error as Error).message, 2);
  }
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
    .description('export a model to ONNX and verify it')
    .requiredOption('-o, --output <file>', 'the file to write')
    .option('--engine <engine>', engineChoice, 'auto')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', example('unroll export best -o model.onnx'))
    .action(exportCommand);
}
