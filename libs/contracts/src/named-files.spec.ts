import { z } from 'zod';
import { datasetKinds, registeredKinds } from './datasets';
import { fileFingerprint } from './file-fingerprint';
import { fileOptions, mapStrings, namedFile, namedFiles, namesOf, stringsAt, withFingerprints } from './named-files';
import { findShorthand } from './strict';
import { sweepSpec } from './sweep-spec';
import { trialShape, trialSpec } from './trial-spec';
import { validate } from './validation';

const sorted = (values: Iterable<string>): string[] => [...new Set(values)].sort();

/** Every schema in a trial's, by its path, without what wraps it; of several with one path, each. */
function* schemasIn(schema: z.ZodType, path: string): Generator<{ path: string; schema: z.ZodType }> {
  yield { path, schema };
  const object = findShorthand(schema)?.object;
  if (object) yield* schemasIn(object, path);
  else if (schema instanceof z.ZodPipe) yield* schemasIn(schema.def.in as z.ZodType, path);
  else if ('innerType' in schema.def) yield* schemasIn(schema.def.innerType as z.ZodType, path);
  else if (schema instanceof z.ZodObject)
    for (const [key, child] of Object.entries(schema.shape)) yield* schemasIn(child as z.ZodType, `${path}.${key}`);
  else if (schema instanceof z.ZodUnion)
    for (const option of schema.options) yield* schemasIn(option as z.ZodType, path);
}

describe('the options of a trial that name a file', () => {
  const all = Object.entries(trialShape).flatMap(([section, schema]) => [...schemasIn(schema, section)]);
  const pathsOf = (isWanted: (schema: z.ZodType) => boolean): string[] =>
    sorted(all.filter(({ schema }) => isWanted(schema)).map(({ path }) => path));

  it('are in the table, each with its fingerprint', () => {
    const names = pathsOf(({ description }) => description?.includes('registered as data of the kind') ?? false);
    expect(names).toEqual(sorted(fileOptions.map(({ name }) => name)));
    expect(pathsOf((schema) => schema === fileFingerprint)).toEqual(
      sorted(fileOptions.map(({ fingerprint }) => fingerprint)),
    );
  });

  it('say which kind of data the file is, and each kind that is no data is named by one', () => {
    for (const { kind, name } of fileOptions)
      expect(all.filter(({ path }) => path === name).map(({ schema }) => schema.description)).toContainEqual(
        expect.stringMatching(new RegExp(`registered as data of the kind ${kind}\\.`)),
      );
    const ofData: readonly string[] = datasetKinds;
    expect(sorted(fileOptions.map(({ kind }) => kind))).toEqual(
      sorted(registeredKinds.filter((kind) => !ofData.includes(kind))),
    );
  });
});

describe('the names in a sweep', () => {
  const sweep = (changes: object) =>
    validate(sweepSpec, {
      ...{ dataset: 'a', task: 'language-model', objective: 'validation.bitsPerCharacter' },
      ...changes,
    });
  const starts = sweep({
    training: {
      initFrom: { choice: [{ trial: 'abc' }, { trial: { grid: ['def', 'abc'] }, replaceHead: true }] },
      freeze: ['trial', 'initFrom', 'abc'],
    },
  });
  const option = 'training.initFrom.trial';

  it('are found at any level of distributions', () => {
    expect(stringsAt(starts, [option])).toEqual(['abc', 'def']);
    expect(stringsAt(starts, ['training.initFrom.model'])).toEqual([]);
    expect(stringsAt(sweep({}), [option])).toEqual([]);
  });

  it('are replaced, and nothing else is', () => {
    const { training, ...others } = mapStrings(starts, [option], (name) => `${name}!`);
    expect(training).toEqual({
      initFrom: { choice: [{ trial: 'abc!' }, { trial: { grid: ['def!', 'abc!'] }, replaceHead: true }] },
      freeze: ['trial', 'initFrom', 'abc'],
    });
    expect({ ...others, training: starts.training }).toEqual(starts);
  });

  it('are those of a file where its option is a text or an object', () => {
    const [vectors, tokenizer] = fileOptions;
    const task = (given: unknown) => ({ kind: 'language-model', tokens: 'subword', tokenizer: given });
    const names = (given: unknown) => namesOf(sweep({ task: given }), tokenizer);
    expect(names(task('gpt2'))).toEqual(['gpt2']);
    expect(names(task({ name: 'gpt2' }))).toEqual(['gpt2']);
    expect(names(task({ choice: ['gpt2', { name: { grid: ['other', 'gpt2'] } }] }))).toEqual(['gpt2', 'other']);
    expect(names({ choice: [task('gpt2'), 'language-model'] })).toEqual(['gpt2']);
    expect(names('language-model')).toEqual([]);
    const embedding = { choice: ['glove', 'fasttext'] };
    expect(namesOf(sweep({ training: { initFrom: { embedding } } }), vectors)).toEqual(['glove', 'fasttext']);
  });
});

describe('the files that a trial names', () => {
  const trial = (tokenizer?: unknown, initFrom?: object) =>
    validate(trialSpec, {
      dataset: 'a',
      task: { kind: 'language-model', tokens: 'subword', tokenizer },
      training: { initFrom },
    });
  const print = '1'.repeat(64);

  it('are listed with their option, their kind and, where it is given, their fingerprint', () => {
    const tokenizer = { option: 'task.tokenizer', kind: 'tokenizer', name: 'gpt2', fingerprint: print };
    const vectors = {
      option: 'training.initFrom.embedding',
      kind: 'vectors',
      name: 'glove',
      fingerprint: undefined,
    };
    const both = trial({ name: 'gpt2', fingerprint: print }, { embedding: 'glove' });
    expect(namedFiles(both)).toEqual([vectors, tokenizer]);
    expect(namedFile(both, 'task.tokenizer')).toEqual(tokenizer);
    expect(namedFile(trial(), 'task.tokenizer')).toBeUndefined();
  });

  it('get their fingerprints, and a trial without such files stays as it is', () => {
    const known = { gpt2: print, glove: '2'.repeat(64), undefined: '3'.repeat(64) };
    const { task, training } = withFingerprints(trial('gpt2', { embedding: 'glove' }), known);
    expect(task).toMatchObject({ tokenizer: { name: 'gpt2', fingerprint: print } });
    expect(training.initFrom).toMatchObject({ embedding: 'glove', fingerprint: '2'.repeat(64) });
    expect(withFingerprints(trial(), known)).toEqual(trial());
    expect(withFingerprints(trial(undefined, { trial: 'glove' }), known)).toEqual(trial(undefined, { trial: 'glove' }));
    expect(withFingerprints(trial('toString'), known)).toEqual(trial('toString'));
  });
});
