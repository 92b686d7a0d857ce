import { study, validate } from '@unroll/contracts';
import { readWandb } from './wandb';

it('a sweep of W&B has the numbers and truth values of PyYAML', () => {
  // As PyYAML 6.0.3 reads them, but for 1e-4 and -.5, which are texts for it, and the date.
  const values =
    '[010, 1_000, 1:30, !!str yes, y, N, 08, 0:30, 0x1e, 0b11, 1_0.5, 2.0e+3, e5, ., 0o7, 2026-11-01, NO, 1e-4, -.5]';
  const parameters = `  a: {values: ${values}}\n  b: {min: 0x1, max: 0x1e}\n  on: {min: 1.0, max: 8}`;
  const { spec, notes } = readWandb(`method: random\nparameters:\n${parameters}`, {});
  validate(study.studySpec, spec);
  expect(spec.space).toEqual({
    a: {
      choice: [
        ...[8, 1000, 90, 'yes', 'y', 'N', '08', '0:30', 30, 3, 10.5, 2000, 'e5', '.', '0o7', '2026-11-01', false],
        ...[1e-4, -0.5],
      ],
    },
    b: { int: [1, 30] },
    true: { uniform: [1, 8] },
  });
  expect(notes.filter((note) => note.includes('PyYAML'))).toEqual([
    '1e-4, -.5: a number here, for W&B a text, since PyYAML wants a point and a sign, as in 1.0e-4',
  ]);
});
