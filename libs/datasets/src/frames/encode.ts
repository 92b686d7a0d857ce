import type { DataReading, DatasetSpec } from '@unroll/contracts';
import type { Sequences } from '../prepared/data';
import { joinVectors } from '../prepared/examples';
import { givenSpan, manyHot, spanOf } from './frames';
import { sequencesOf } from './parts';

/** Sequences of frames, each after an empty one: the last step foretells the frame after them. @throws DatasetError for notes that the network does not know */
export function encodeFrames(
  bytes: Uint8Array,
  dataset: DatasetSpec,
  reading: DataReading,
): { inputs: Sequences; places: string[] } {
  const sequences = sequencesOf(bytes);
  const [first, width] = givenSpan(reading, spanOf(sequences.flat()));
  const places = sequences.map((_, index) => `frames[${index}]`);
  const dense = sequences.map((sequence) => [
    new Uint8Array(width),
    ...sequence.map((frame) => manyHot(frame, first, width)),
  ]);
  return { inputs: joinVectors(dense, (index) => places[index]!, dataset), places };
}
