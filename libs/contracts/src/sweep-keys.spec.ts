import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sweepFileMarkdown, sweepKeys } from './sweep-keys';

describe('the documentation of the sweep file', () => {
  it('matches the schema (npm run docs writes it)', () => {
    const written = readFileSync(join(__dirname, '..', '..', '..', 'docs', 'sweep-file.md'), 'utf8');
    expect(written).toBe(sweepFileMarkdown());
  });

  it('describes every key', () => {
    expect(sweepKeys().filter(({ description }) => description.length === 0)).toEqual([]);
  });

  it('shows defaults, and the options of each kind of optimizer', () => {
    const of = (path: string) => sweepKeys().find((key) => key.path === path);
    expect(of('training.batchSize')).toMatchObject({ type: 'whole number', default: '32' });
    expect(of('training.optimizer (sgd).momentum')).toMatchObject({ type: 'number', default: '0' });
    expect(of('training.optimizer (sgd).beta1')).toBeUndefined();
  });
});
