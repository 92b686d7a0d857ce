import { tasks, type DataReading, type TaskKind } from '@unroll/contracts';
import type { ExampleData, PreparedData, Scaling } from './prepared/data';
import { startSymbol } from './pairs/target-sequences';

/** What was fitted to a data set, so that other data can be read exactly alike. */
export function readingOf(data: PreparedData): DataReading {
  if (data.kind === 'tokens') return { inputVocabulary: [...data.vocabulary] };
  if (data.kind === 'trees')
    return { inputVocabulary: [...data.inputVocabulary], targetVocabulary: [...data.targetVocabulary] };
  const { inputs, targets } = data.train;
  const listed = (symbols: readonly string[] | undefined): string[] | undefined => symbols && [...symbols];
  const copied = (scaling: Scaling | undefined): DataReading['inputScaling'] =>
    scaling && { shift: [...scaling.shift], scale: [...scaling.scale] };
  return defined({
    inputVocabulary: listed(data.inputVocabulary),
    targetVocabulary: listed(data.targetVocabulary),
    columns: listed(data.columns),
    inputWidth: inputs.kind === 'vectors' ? inputs.width : undefined,
    inputScaling: copied(data.inputScaling),
    targetWidth: 'width' in targets ? targets.width : undefined,
    longestTarget: longestWritten(data),
    targetScaling: copied(data.targetScaling),
  });
}

/** Of data whose targets a decoder writes. */
function longestWritten({ targetVocabulary, train: { targets } }: ExampleData): number | undefined {
  if (targets.kind !== 'tokens' || targetVocabulary?.[0] !== startSymbol) return undefined;
  return targets.offsets.reduce((most, offset, index) => Math.max(most, offset - (targets.offsets[index - 1] ?? 0)), 1);
}

const defined = <Values extends object>(values: Values): Values =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Values;

/** The same for a network with a new head: how the input is read, while answers are read anew. */
export function readingForNewHead(reading: DataReading, kind: TaskKind): DataReading {
  if (tasks[kind].answersInInput) return reading;
  const {
    targetVocabulary: _names,
    targetWidth: _width,
    targetScaling: _scaling,
    longestTarget: _longest,
    ...input
  } = reading;
  return input;
}
