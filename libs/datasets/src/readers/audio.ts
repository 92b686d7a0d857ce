import { encodeAudio, prepareAudio } from '../audio/audio';
import { constantAnswer } from '../baseline';
import { requireAlike } from '../reading';
import type { DataReader } from './reader';

export const audio: DataReader<'classification' | 'transcription'> = {
  dataset: 'audio',
  prepare(source, { task, dataset, reading }) {
    const data = prepareAudio(source, task, dataset, reading);
    // A model of an earlier version does not say its rate.
    if (reading?.sampleRate === undefined) requireAlike(data, reading);
    return { data, baselines: task.kind === 'classification' ? [constantAnswer(data)] : [] };
  },
  encode: (source, { dataset, reading }) => encodeAudio(source, dataset, reading),
};
