import type { DataReading, DatasetSpec } from '@unroll/contracts';
import type { Sequences } from '../prepared/data';
import { joinVectors } from '../prepared/examples';
import { givenSpan, manyHot, noteSpan } from './frames';
import { parseSequences } from './parts';

/** Sequences of frames, each preceded by an empty one: the last step predicts the next frame. @throws DatasetError for unknown notes */
export function encodeFrames(
  bytes: Uint8Array,
  dataset: DatasetSpec,
  reading: DataReading,
): { inputs: Sequences; places: string[] } {
  const sequences = parseSequences(bytes);
  const [first, width] = givenSpan(reading, noteSpan(sequences.flatMap(({ frames }) => frames)));
  const places = sequences.map(({ place }) => place);
  const dense = sequences.map(({ frames }) => [
    new Uint8Array(width),
    ...frames.map((frame) => manyHot(frame, first, width)),
  ]);
  return { inputs: joinVectors(dense, (index) => places[index]!, dataset), places };
}
