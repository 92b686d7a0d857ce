import { layerUnits, servingLimits, tasks, type ModelHeader, type ServedModel, type TaskKind } from '@unroll/contracts';
import { inputForm, kindRead } from '@unroll/datasets';
import type { Model } from '@unroll/training';
import { targetNames } from '../input/network';

/** How a model is served. */
export interface ServingOptions {
  /** As the model was asked for. */
  name: string;
  /** Most inputs of one pass over the network. */
  batch: number;
  /** How long an input waits for others. */
  delayMilliseconds: number;
  /** That work on one pass; undefined for the default. */
  threads?: number | undefined;
}

function inputsOf({ spec, reading }: ModelHeader): ServedModel['inputs'] {
  const { inputVocabulary, inputWidth, columns } = reading;
  const isText = spec.task.kind === 'language-model';
  return {
    kind: kindRead(spec.task, reading),
    describe: isText ? 'a text' : inputForm({ task: spec.task, reading }),
    ...(inputVocabulary ? { vocabulary: inputVocabulary.length } : {}),
    ...(inputWidth === undefined ? {} : { width: inputWidth }),
    ...(columns ? { columns } : {}),
  };
}

/** What a task other than forecasting answers with. */
export function answerKind(task: TaskKind): Exclude<ServedModel['outputs']['kind'], 'forecasts'> {
  const { answers, loss, reads } = tasks[task];
  if (answers === 'written' || reads === 'stream' || loss === 'connectionist temporal classification') return 'text';
  if (loss === 'binary cross-entropy') return 'labels';
  if (loss === 'error of a number') return 'value';
  return answers === 'each step' && reads !== 'trees' ? 'tags' : 'class';
}

function outputsOf(header: ModelHeader): ServedModel['outputs'] {
  const { task } = header.spec;
  const { targetVocabulary } = header.reading;
  if (task.kind === 'forecasting') return { kind: 'forecasts', targets: targetNames(header), horizon: task.horizon };
  const kind = answerKind(task.kind);
  return { kind, ...(kind !== 'text' && targetVocabulary ? { classes: targetVocabulary } : {}) };
}

/** What `GET /v1/model` says. */
export function describeServed(
  { header, weights }: Model,
  { name, batch, delayMilliseconds }: ServingOptions,
  { engine, threads, precision }: Pick<ServedModel, 'engine' | 'threads' | 'precision'>,
): ServedModel {
  const { spec, fingerprint, trial = null, update, metrics } = header;
  return {
    name,
    task: spec.task.kind,
    cell: `${spec.model.cell} ${layerUnits(spec.model)
      .map(({ size }) => size)
      .join(', ')}`,
    parameters: Object.values(weights).reduce((sum, { values }) => sum + values.length, 0),
    inputs: inputsOf(header),
    outputs: outputsOf(header),
    generates: spec.task.kind === 'language-model',
    trainedOn: { dataset: spec.dataset.name, fingerprint, trial, update },
    metrics,
    engine,
    threads,
    precision,
    limits: {
      batch,
      delayMilliseconds,
      inputs: servingLimits.inputs,
      sessions: servingLimits.sessions,
      sessionSeconds: servingLimits.sessionSeconds,
    },
  };
}
