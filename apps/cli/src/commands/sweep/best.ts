import { isStudyTrial, type MetricSeries, type TrialSpec, type TrialView } from '@unroll/contracts';
import { fingerprintSource, prepare, toReading } from '@unroll/datasets';
import { modelFile, onAllData, toModel } from '@unroll/training';
import { Option, type Command } from 'commander';
import { call } from '../../api/client';
import { chooseGpu, engineChoice, gpuChoice, openNamedEngine } from '../../engines';
import { CommandFailed } from '../../errors/command-failed';
import { namedSource } from '../../input/data-sources';
import { openStart, trainHere } from '../../input/local-training';
import { openTokenizer } from '../../input/named-files';
import { writeOutput } from '../../input/models';
import { note, number, say, sayJson, trainingTime } from '../../show/text';
import { example } from '../command';
import { showTrial } from '../trial';

interface Options {
  retrain?: 'all';
  output?: string;
  engine?: string;
  gpu?: string;
  json?: boolean;
}

async function best(sweep = 'last', options: Options): Promise<void> {
  const id = `${sweep}:best`;
  if (options.retrain) return retrain(id, options);
  const alone = (['output', 'engine', 'gpu'] as const).find((each) => options[each] !== undefined);
  if (alone) throw new CommandFailed(`--${alone}: has no effect without --retrain all; leave it out`, 2);
  await showTrial(id, options);
}

/**
 * The update at which a trial had the weights that it kept: that of its report with the lowest validation loss, or its last one.
 */
async function keptUpdate({ id, updates }: TrialView, { training: { keep } }: TrialSpec): Promise<number> {
  if (keep === 'last') return updates;
  const query = { name: 'validation.loss', maxPoints: 100_000 };
  const { series } = await call<{ series: MetricSeries[] }>(`/v1/trials/${id}/metrics`, { query });
  const points = (series[0]?.values ?? []).flatMap((value, index) =>
    value === null ? [] : [{ value, update: series[0]!.updates[index]! }],
  );
  if (points.length === 0) return updates;
  return points.reduce((lowest, each) => (each.value < lowest.value ? each : lowest)).update;
}

/** @throws CommandFailed for a trial whose training depends on what is held out, or was no training of one network */
function requireRetrainable(trial: TrialView): void {
  const refuse = (why: string): CommandFailed => new CommandFailed(`--retrain all: trial ${trial.id} ${why}`, 2);
  if (isStudyTrial(trial)) throw refuse('is of a study: its training code is yours');
  if (trial.schedule.length > 0) throw refuse('continued the weights of others in its population, on its data');
  const { training } = trial.spec as TrialSpec;
  if (training.schedule.kind === 'plateau')
    throw refuse('lowers its learning rate by the validation loss, and nothing would be held out to measure that');
  if (training.adaptation) throw refuse('adapts to the inputs of its validation part, and there would be none');
}

/** Trains a trial again here, on all of its data and as long as it took to its kept weights, and writes the model. */
async function retrain(id: string, { output, engine = 'auto', gpu, json }: Options): Promise<void> {
  if (output === undefined) throw new CommandFailed('--retrain all: give a file for the model with -o', 2);
  const engineName = chooseGpu(gpu, engine);
  const trial = await call<TrialView>(`/v1/trials/${encodeURIComponent(id)}`);
  requireRetrainable(trial);
  const own = trial.spec as TrialSpec;
  const until = await keptUpdate(trial, own);
  const start = await openStart(own);
  const source = await namedSource(own.dataset);
  const reading = start?.reading ?? (await openTokenizer(own, ''));
  const spec = onAllData(own, prepare(source, { ...own, reading }).data, until);
  const { dataset } = spec;
  const prepared = prepare(source, { ...spec, dataset: { ...dataset, isWhole: true }, reading });
  await start?.read?.(prepared.data);
  const opened = await openNamedEngine(engineName);
  const request = { id: '0', spec, initFrom: start?.weights(prepared.data, spec.training.seed), until };
  // Both of its parts are all of the data: what is counted of them would be twice as much.
  const shown = { ...prepared, facts: [] };
  const { results } = await trainHere(
    [request],
    { spec, prepared: shown, notice: start?.notice },
    opened,
    json === true,
  );
  const result = results[0]!;
  if (!result.weights || result.updates < until)
    throw new CommandFailed(
      `the training ended at update ${result.updates} of ${until}: ${result.message ?? 'interrupted'}`,
    );
  const about = { spec, reading: toReading(prepared.data), fingerprint: fingerprintSource(source), trial: trial.id };
  const made = toModel({ ...result, metrics: {}, test: undefined }, about);
  await writeOutput(output, modelFile({ ...made, header: { ...made.header, trainedOnAll: true } }));
  if (json)
    return sayJson({
      trialId: trial.id,
      file: output,
      updates: until,
      seconds: result.seconds,
      heldOut: trial.metrics,
    });
  const took = trainingTime(result.seconds, undefined);
  say(`Trained trial ${trial.id} again on all of ${dataset.name}, to update ${until}, in ${took} on ${opened.name}.`);
  note(`Wrote the model to ${output}.`);
  say(
    `Nothing of ${dataset.name} is held out any more, so this model cannot be measured on it. Trained on a part, the trial reached ` +
      `${number(trial.value)} on the rest. On other data: unroll evaluate ${output} --input FILE`,
  );
}

export function addBestCommand(sweep: Command): void {
  sweep
    .command('best [id]')
    .description('show the best trial of a sweep (default: the newest), or train it again on all of its data')
    .addOption(
      new Option('--retrain <data>', 'all: train it here on all data, none held out, as long as it took').choices([
        'all',
      ]),
    )
    .option('-o, --output <file>', 'the file for the model that --retrain trains')
    .option('--engine <engine>', engineChoice)
    .option('--gpu <gpu>', gpuChoice)
    .option('--json', 'print it as JSON')
    .addHelpText(
      'after',
      example('unroll sweep best last', 'unroll sweep best last --retrain all -o final.safetensors'),
    )
    .action(best);
}
