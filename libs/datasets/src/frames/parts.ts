import { parseJson, ValidationError } from '@unroll/contracts';
import { DatasetError } from '../prepared/data';
import { decodeText } from '../source/decode';

/** A frame as the numbers of its active labels. */
export type Frame = readonly number[];
type Part = Frame[][];

/** Frames as one list, or in the parts named by the file. */
export type FrameParts = { all: Part } | { train: Part; validation: Part; test?: Part | undefined };

/** Upper bound of note numbers, exclusive, which bounds the width of a frame. */
const mostNotes = 4096;

/**
 * Parses sequences of frames: a JSON list of sequences, each a list of frames, each a list of integers (notes) or, all of one width,
 * of zeros and ones; or an object of such lists under train, valid (or validation) and optionally test, which define the parts.
 * @throws DatasetError for anything else, with its place
 */
export function parseFrames(bytes: Uint8Array): FrameParts {
  const content = parsed(bytes);
  if (Array.isArray(content)) {
    const all = checked(content, 'frames');
    if (all.length < 2) throw new DatasetError(`the data set has ${all.length} sequences of frames: give at least two`);
    return { all: isRoll([all]) ? all.map((sequence) => sequence.map(activeNotes)) : all };
  }
  const { train, valid, validation, test } = Object(content) as Record<string, unknown>;
  const named = { train: checked(train ?? [], 'train'), validation: checked(validation ?? valid ?? [], 'valid') };
  if (named.train.length === 0 || named.validation.length === 0)
    throw new DatasetError('an object of frames needs the lists "train" and "valid"; "test" is optional');
  const last = checked(test ?? [], 'test');
  const parts = last.length === 0 ? named : { ...named, test: last };
  if (!isRoll(Object.values(parts))) return parts;
  const notes = (part: Part): Part => part.map((sequence) => sequence.map(activeNotes));
  const rolled = { train: notes(named.train), validation: notes(named.validation) };
  return last.length === 0 ? rolled : { ...rolled, test: notes(last) };
}

/** Parses all sequences, of a list or of the parts of an object, each with its place. @throws DatasetError for anything else */
export function parseSequences(bytes: Uint8Array): { frames: Frame[]; place: string }[] {
  const content = parsed(bytes);
  const { train, valid, validation = valid, test } = Object(content) as Record<string, unknown>;
  const named = Object.entries({ train, valid: validation, test }).filter(([, part]) => part !== undefined);
  const lists = named.length > 0 ? named : [['frames', content] as const];
  const parts = lists.map(([name, part]) => ({ name, part: checked(part, name) }));
  const areRolls = isRoll(parts.map(({ part }) => part));
  return parts.flatMap(({ name, part }) =>
    part.map((frames, index) => ({
      frames: areRolls ? frames.map(activeNotes) : frames,
      place: `${name}[${index}]`,
    })),
  );
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return parseJson(decodeText(bytes));
  } catch (error) {
    if (error instanceof DatasetError) throw error;
    if (error instanceof ValidationError) throw new DatasetError(error.message);
    throw new DatasetError('frames must be JSON: a list of sequences, each a list of frames, each a list of integers');
  }
}

const isNote = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) < mostNotes;

function checked(part: unknown, what: string): Part {
  if (!Array.isArray(part)) throw new DatasetError(`${what}: must be a list of sequences`);
  part.forEach((sequence: unknown, index) => {
    if (!Array.isArray(sequence)) throw new DatasetError(`${what}[${index}]: must be a list of frames`);
    sequence.forEach((frame: unknown, step) => {
      if (!Array.isArray(frame) || !frame.every(isNote))
        throw new DatasetError(
          `${what}[${index}][${step}]: a frame must be a list of integers from 0 to ${mostNotes - 1}`,
        );
    });
  });
  return part as Part;
}

/** Whether frames are piano-roll rows: zeros and ones of one width, with repeated numbers, which lists of notes do not have. */
function isRoll(parts: readonly Part[]): boolean {
  const frames = parts.flat(2);
  const width = frames[0]?.length;
  return (
    frames.every((frame) => frame.length === width && frame.every((value) => value <= 1)) &&
    frames.some((frame) => new Set(frame).size < frame.length)
  );
}

const activeNotes = (row: Frame): Frame => row.flatMap((value, note) => (value === 1 ? [note] : []));
