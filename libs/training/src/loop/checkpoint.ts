import { createHash } from 'node:crypto';

/** A checkpoint that cannot be continued from. The message is one line. */
export class CheckpointUnreadable extends Error {
  override readonly name = 'CheckpointUnreadable';
}

export interface Block {
  shape: number[];
  values: Float32Array;
}

/** Losses in the task's unit, times in milliseconds. */
export type LoopNumbers = Record<
  | 'losses'
  | 'norms'
  | 'since'
  | 'reported'
  | 'bestLoss'
  | 'bestUpdate'
  | 'staleReports'
  | 'staleLoss'
  | 'plateauFactor'
  | 'plateauBest'
  | 'plateauReports'
  | 'elapsed'
  | 'reporting',
  number
> & {
  /** Updates that were skipped, if any: since the last report, and in all. */
  skippedSince?: number;
  skipped?: number;
};

/**
 * The complete state of a lane between two updates. Random numbers and the position in the data follow from the seed and
 * `update`.
 */
export interface Checkpoint {
  /** Updates done. */
  update: number;
  /** The loop state: sums since the last report, the best report, patience, the schedule's plateau, times. */
  numbers: LoopNumbers;
  /** The metrics of the last report and of the best one. */
  metrics: Record<'last' | 'best', Record<string, number>>;
  /** The layout of parameters, and the optimizer: lanes with equal layouts can continue from each other's values. */
  layout: string;
  /** Flat weights, the optimizer's slots, the best weights so far, and carried hidden states. */
  blocks: Record<string, Block>;
}

/**
 * A checkpoint, written at a report, for another trial to continue from: its current weights count as its best, and earlier
 * reports are not its own.
 */
export function takenOver(checkpoint: Checkpoint): Checkpoint {
  const { update, numbers, metrics, blocks } = checkpoint;
  const loss = metrics.last['validation.loss']!;
  const stale = { staleReports: 0, staleLoss: loss };
  return {
    ...checkpoint,
    numbers: { ...numbers, bestLoss: loss, bestUpdate: update, ...stale },
    metrics: { ...metrics, best: metrics.last },
    // With `keep: last` there is none.
    blocks: blocks.best ? { ...blocks, best: { ...blocks.weights!, values: blocks.weights!.values.slice() } } : blocks,
  };
}

const format = 'unroll checkpoint';
const version = 1;
const longestHeader = 300;

interface Header {
  format: string;
  version: number;
  bytes: number;
  sha256: string;
}

type Texts = Record<string, string>;

interface Contents extends Omit<Checkpoint, 'numbers' | 'metrics' | 'blocks'> {
  numbers: Texts;
  metrics: Record<'last' | 'best', Texts>;
  blocks: { name: string; shape: number[] }[];
}

/** Numbers as strings, which preserve infinities and every bit; and back. */
const texts = (numbers: Record<string, number>): Texts =>
  Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, String(value)]));
const fromTexts = (numbers: Texts): Record<string, number> =>
  Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, Number(value)]));

const countValues = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/**
 * A checkpoint as a file: a line of JSON with the version and the checksum of the rest; then the length of a JSON text as
 * 32 bits, the text itself, and the blocks as float32. Little-endian. Numbers are strings, which preserve infinities and
 * every bit.
 */
export function writeCheckpoint({ update, numbers, metrics, layout, blocks }: Checkpoint): Uint8Array {
  const contents: Contents = {
    update,
    numbers: texts(numbers),
    metrics: { last: texts(metrics.last), best: texts(metrics.best) },
    layout,
    blocks: Object.entries(blocks).map(([name, { shape }]) => ({ name, shape })),
  };
  const text = Buffer.from(JSON.stringify(contents));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  const values = Object.values(blocks).map(({ values: own }) =>
    Buffer.from(own.buffer, own.byteOffset, own.byteLength),
  );
  const body = Buffer.concat([length, text, ...values]);
  const sha256 = createHash('sha256').update(body).digest('hex');
  const header: Header = { format, version, bytes: body.length, sha256 };
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), body]);
}

/** Reads what `writeCheckpoint` wrote. @throws CheckpointUnreadable for anything that is not whole, or of another version */
export function readCheckpoint(file: Uint8Array): Checkpoint {
  const all = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const end = all.subarray(0, longestHeader).indexOf('\n');
  const header = parseHeader(all.subarray(0, Math.max(0, end)).toString());
  if (header.version !== version)
    throw new CheckpointUnreadable(`the checkpoint has version ${header.version}, and this program reads ${version}`);
  const body = all.subarray(end + 1);
  if (body.length !== header.bytes)
    throw new CheckpointUnreadable(`the checkpoint has ${body.length} bytes instead of ${header.bytes}`);
  if (createHash('sha256').update(body).digest('hex') !== header.sha256)
    throw new CheckpointUnreadable('the checkpoint is damaged: its checksum does not match');
  const textEnd = 4 + body.readUInt32LE(0);
  const { update, numbers, metrics, layout, blocks } = JSON.parse(body.subarray(4, textEnd).toString()) as Contents;
  let at = textEnd;
  const read = blocks.map(({ name, shape }): [string, Block] => {
    const bytes = 4 * countValues(shape);
    const values = new Float32Array(new Uint8Array(body.subarray(at, at + bytes)).buffer);
    at += bytes;
    return [name, { shape, values }];
  });
  return {
    update,
    numbers: fromTexts(numbers) as LoopNumbers,
    metrics: { last: fromTexts(metrics.last), best: fromTexts(metrics.best) },
    layout,
    blocks: Object.fromEntries(read),
  };
}

function parseHeader(line: string): Header {
  try {
    const header = JSON.parse(line) as Header;
    if (header.format === format) return header;
  } catch {
    // Not ours.
  }
  throw new CheckpointUnreadable('not a checkpoint file');
}
