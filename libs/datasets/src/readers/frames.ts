import { encodeFrames } from '../frames/encode';
import { prepareFrames } from '../frames/frames';
import { readBytes } from '../source/data-source';
import type { DataReader } from './reader';

export const frames: DataReader<'multilabel-frames'> = {
  dataset: 'frames',
  prepare: (source, { dataset, reading }) => prepareFrames(readBytes(source), dataset, reading),
  encode: (source, { dataset, reading }) => encodeFrames(readBytes(source), dataset, reading),
};
