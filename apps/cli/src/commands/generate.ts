import { beam, drawing, servingLimits, standardDrawing } from '@unroll/contracts';
import { encodePrompt, separatorFor, writtenTokens } from '@unroll/datasets';
import { writeText } from '@unroll/training';
import type { Command } from 'commander';
import { CommandFailed } from '../errors/command-failed';
import { engineChoice, openNamedEngine } from '../engines';
import { modelArgument, openModel } from '../input/models';
import { sayData } from '../show/text';
import { example } from './command';
import { numberOf, wholeNumber } from './options';

interface Options {
  prompt: string;
  length: number;
  beam?: number;
  temperature?: number;
  topK?: number;
  topP?: number;
  seed: number;
  engine: string;
  json?: boolean;
}

async function generateCommand(name: string, options: Options): Promise<void> {
  const { prompt, length, seed, json, topK, topP } = options;
  const sampling = { '--temperature': options.temperature, '--top-k': topK, '--top-p': topP };
  const given = Object.entries(sampling).find(([, value]) => value !== undefined);
  if (options.beam !== undefined && given)
    throw new CommandFailed(`--beam searches for the most likely text, ${given[0]} samples: give only one of them`, 2);
  const model = await openModel(name);
  const { spec, reading } = model.header;
  // What it cannot read is refused before an engine is opened.
  encodePrompt(prompt, { task: spec.task, reading });
  await openNamedEngine(options.engine);
  const { temperature = standardDrawing.temperature } = options;
  const text = await writeText(model, { prompt, length, beam: options.beam, temperature, topK, topP, seed });
  const separator = separatorFor(writtenTokens(spec.task));
  if (json)
    return sayData(
      JSON.stringify({
        prompt,
        text,
        ...(options.beam === undefined ? { temperature, topK, topP, seed } : { beam: options.beam }),
      }),
    );
  sayData(prompt === '' ? text : prompt + separator + text);
}

export function addGenerateCommand(program: Command): void {
  program
    .command('generate')
    .argument('<model>', modelArgument)
    .description('generate text with a language model')
    .requiredOption('--prompt <text>', 'text to continue; may be empty')
    .option(
      '--length <tokens>',
      'number of tokens to generate',
      wholeNumber(1, servingLimits.tokens),
      standardDrawing.length,
    )
    .option(
      '--beam <width>',
      'use beam search instead of sampling',
      numberOf(() => beam),
    )
    .option(
      '--temperature <x>',
      `sampling temperature (default: ${standardDrawing.temperature}): lower is more conservative, higher more varied`,
      numberOf(() => drawing.temperature),
    )
    .option(
      '--top-k <k>',
      'sample from the k most likely tokens only',
      numberOf(() => drawing.topK),
    )
    .option(
      '--top-p <p>',
      'sample from the fewest likely tokens that have probability p together, such as 0.9',
      numberOf(() => drawing.topP),
    )
    .option(
      '--seed <n>',
      'sampling seed',
      numberOf(() => drawing.seed),
      standardDrawing.seed,
    )
    .option('--engine <engine>', engineChoice, 'auto')
    .option('--json', 'print it as JSON')
    .addHelpText(
      'after',
      example(
        'unroll generate best --prompt "interface Array" --temperature 0.5',
        'unroll generate model.safetensors --prompt "to be" --beam 5 --length 40',
      ),
    )
    .action(generateCommand);
}
