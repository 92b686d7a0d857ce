import { taskKinds } from '@unroll/contracts';
import { answerKind } from './describe';

it('says what each task answers with', () => {
  const kinds = taskKinds.filter((kind) => kind !== 'forecasting').map((kind) => [kind, answerKind(kind)]);
  expect(Object.fromEntries(kinds)).toMatchObject({
    'language-model': 'text',
    'sequence-to-sequence': 'text',
    'sequence-from-vector': 'text',
    transcription: 'text',
    classification: 'class',
    'tree-classification': 'class',
    regression: 'value',
    tagging: 'tags',
    'multilabel-frames': 'labels',
  });
});
