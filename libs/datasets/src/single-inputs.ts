import { tasks, type DataReading, type DatasetKind, type TaskSpec } from '@unroll/contracts';
import { encode, unanswered, type Encoded } from './encode';
import { DatasetError, readVectors, type ForecastUnits, type Sequences, type Trees } from './prepared/data';
import type { Reader } from './readers/reader';

/** The kind of data that a trained network reads. */
export const kindRead = (task: TaskSpec, { sampleRate }: DataReading): DatasetKind =>
  sampleRate === undefined ? tasks[task.kind].datasets[0] : 'audio';

/** An input that a network cannot read: where in it, such as `[3]`, and why. */
export class InputRefused extends Error {
  override readonly name = 'InputRefused';

  constructor(
    readonly place: string,
    message: string,
  ) {
    super(message);
  }
}

const isRow = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What an input of each kind of data looks like, for people. */
export function inputForm({ task, reading }: Pick<Reader, 'task' | 'reading'>): string {
  const kind = kindRead(task, reading);
  if (kind === 'series') return 'a list of rows, each an object with its columns; or a text in CSV';
  if (kind === 'frames') return 'a list of frames, each a list of integers';
  if (kind === 'audio') return 'a WAV file in base64';
  if (kind === 'pairs') return 'a text';
  if (task.kind === 'tree-classification') return 'a tree in brackets, such as (3 (2 It) (4 works))';
  if (task.kind === 'sequence-from-vector') return 'an object with "vector", a list of numbers';
  return 'a text, or an object with "text", "tokens", "values" or "frames"';
}

/** One input as the content of a file of its kind. @throws InputRefused for a value of another form */
function fileOf(input: unknown, { task, reading, dataset }: Reader): Uint8Array {
  const kind = kindRead(task, reading);
  const refuse = (): never => {
    throw new InputRefused('', `must be ${inputForm({ task, reading })}`);
  };
  const line = (text: string): Uint8Array => {
    if (/[\r\n\t]/.test(text)) throw new InputRefused('', 'must be one line, without tabs');
    return Buffer.from(text);
  };
  // In a column with a name, so that it is a source whatever it begins with, or says.
  const source = (text: string): Uint8Array => {
    const content = line(text);
    return text.trim() === '' ? content : Buffer.from(JSON.stringify({ [reading.textColumn ?? 'source']: text }));
  };
  if (kind === 'series')
    return typeof input === 'string' || (Array.isArray(input) && input.every(isRow))
      ? Buffer.from(typeof input === 'string' ? input : JSON.stringify(input))
      : refuse();
  if (kind === 'frames') return Array.isArray(input) ? Buffer.from(JSON.stringify([input])) : refuse();
  if (kind === 'audio') return typeof input === 'string' ? Buffer.from(input, 'base64') : refuse();
  if (task.kind === 'tree-classification') return typeof input === 'string' ? line(input) : refuse();
  if (kind === 'pairs') return typeof input === 'string' ? source(input) : refuse();
  if (isRow(input)) return Buffer.from(JSON.stringify(input));
  if (typeof input !== 'string' || task.kind === 'sequence-from-vector') return refuse();
  return Buffer.from(JSON.stringify({ [dataset.text ?? 'text']: input }));
}

/**
 * Reads one input as training did. @throws InputRefused for one that the network cannot read, without the place of a file that it is not in
 */
export function encodeInput(input: unknown, reader: Reader): Encoded {
  const kind = kindRead(reader.task, reader.reading);
  try {
    return encode({ kind, bytes: fileOf(input, reader) }, reader);
  } catch (error) {
    if (!(error instanceof DatasetError)) throw error;
    const [, place = '', message] = /^frames\[0\]((?:\[\d+\])*): (.*)$/s.exec(error.message) ?? [];
    if (message !== undefined) throw new InputRefused(place, message);
    // A series has rows; of all else the file that was made of it has one.
    throw new InputRefused(
      '',
      kind === 'series' ? error.message : error.message.replace(/^(line|item|row) 1(?=[,:])[:,] /, ''),
    );
  }
}

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);

/** Offsets of parts, one after the other. */
function joinedOffsets(parts: readonly Int32Array[]): Int32Array {
  const all = new Int32Array(1 + sum(parts.map(({ length }) => length - 1)));
  let [at, base] = [0, 0];
  for (const part of parts) {
    for (let index = 1; index < part.length; index++) all[at + index] = base + part[index]!;
    [at, base] = [at + part.length - 1, base + part.at(-1)!];
  }
  return all;
}

function joinedArrays<Values extends Int32Array | Uint16Array | Float32Array | Float64Array>(
  parts: readonly Values[],
): Values {
  const all = new (parts[0]!.constructor as new (length: number) => Values)(sum(parts.map(({ length }) => length)));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function joinedSequences(parts: readonly Sequences[]): Sequences {
  const offsets = joinedOffsets(parts.map((part) => part.offsets));
  const [first] = parts as [Sequences];
  if (first.kind === 'tokens')
    return {
      kind: 'tokens',
      offsets,
      ids: joinedArrays(parts.flatMap((part) => (part.kind === 'tokens' ? part.ids : []))),
    };
  const values = parts.flatMap((part) =>
    part.kind === 'vectors'
      ? Array.from({ length: part.offsets.length - 1 }, (_, index) => readVectors(part, index))
      : [],
  );
  return { kind: 'vectors', offsets, width: first.width, values: joinedArrays(values) };
}

/** The same target in several files, one file after the other. */
function joinedUnits(parts: readonly ForecastUnits[]): ForecastUnits {
  const rows = parts.map(({ learned }) => learned.length);
  const base = parts.map((_, index) => sum(rows.slice(0, index)));
  return {
    ...parts[0]!,
    truth: joinedArrays(parts.map(({ truth }) => truth)),
    learned: joinedArrays(parts.map(({ learned }) => learned)),
    starts: joinedArrays(parts.map(({ starts }, index) => starts.map((start) => start + base[index]!))),
    shift: joinedArrays(parts.map(({ shift }) => shift)),
    scale: joinedArrays(parts.map(({ scale }) => scale)),
    naive: joinedArrays(parts.map(({ naive }) => naive)),
    spans: parts.flatMap(({ spans }, index) =>
      spans.map(({ key, begin, end }) => ({ key, begin: begin + base[index]!, end: end + base[index]! })),
    ),
    // Each file has its own; who shows times asks its own units.
    clock: undefined,
  };
}

function joinedTrees(parts: readonly Trees[]): Trees {
  return {
    count: sum(parts.map(({ count }) => count)),
    offsets: joinedOffsets(parts.map(({ offsets }) => offsets)),
    words: joinedArrays(parts.map(({ words }) => words)),
    labels: joinedArrays(parts.map(({ labels }) => labels)),
    childOffsets: joinedOffsets(parts.map(({ childOffsets }) => childOffsets)),
    children: joinedArrays(parts.map(({ children }) => children)),
  };
}

/** Inputs that were read one by one as one data set, in their order: a network runs over all of them at once. At least one. */
export function joinEncoded(
  parts: readonly Encoded['data'][],
  reader: Pick<Reader, 'task' | 'reading'>,
): Encoded['data'] {
  const [first] = parts as [Encoded['data']];
  if (parts.length === 1) return first;
  if (first.kind === 'trees') {
    const all = joinedTrees(parts.flatMap((part) => (part.kind === 'trees' ? [part.validation] : [])));
    return { ...first, train: all, validation: all };
  }
  const examples = parts.flatMap((part) => (part.kind === 'examples' ? [part.validation] : []));
  const units = examples[0]!.units?.map((_, target) => joinedUnits(examples.map((own) => own.units![target]!)));
  return unanswered(joinedSequences(examples.map(({ inputs }) => inputs)), reader, units);
}
