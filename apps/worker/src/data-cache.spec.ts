import { ConsoleLogger, Logger } from '@nestjs/common';
import { datasetArtifactName, openArtifacts } from '@unroll/artifacts';
import { readConfig } from '@unroll/config';
import { trialSpec, validate } from '@unroll/contracts';
import { fingerprint } from '@unroll/datasets';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DataCache } from './data-cache';
import { readSettings } from './settings';

const root = mkdtempSync(join(tmpdir(), 'unroll-cache-'));
afterAll(() => rmSync(root, { recursive: true }));

const artifactsUrl = pathToFileURL(join(root, 'artifacts')).href;
const folders = Array.from('abcdefghijk', (name) => join(root, name));
let dataFolder = '';
beforeAll(() => Logger.overrideLogger(false));
afterAll(() => Logger.overrideLogger(new ConsoleLogger()));
beforeEach(() => {
  dataFolder = folders.shift()!;
});

const settings = readSettings(readConfig({ DATABASE_URL: 'postgres://nowhere/none', ARTIFACTS_URL: artifactsUrl }));

/** A cache of 2,500 bytes, in the folder of this test. */
const openCache = (restSeconds = 0): DataCache =>
  new DataCache({ ...settings, dataFolder, cache: { bytes: 2500, restSeconds } });

/** Stores a text of 1,000 times a word; returns its fingerprint. */
async function store(word: string): Promise<string> {
  const bytes = Buffer.from(word.repeat(1000));
  const print = fingerprint('text', bytes);
  await openArtifacts(artifactsUrl).put(datasetArtifactName(print), bytes);
  return print;
}

const user = {};
const cacheFolder = (): string => join(dataFolder, 'cache');
const changedAt = (path: string): number => statSync(path).ctimeMs;

/** Uses a data set for a moment, later than all others by the file system's clock, which is coarse. */
async function use(cache: DataCache, print: string): Promise<string> {
  for (;;) {
    const path = await hold(cache, user, print);
    cache.release(user);
    const others = readdirSync(cacheFolder()).map((name) => join(cacheFolder(), name));
    if (others.every((other) => other === path || changedAt(other) < changedAt(path))) return path;
  }
}

async function hold(cache: DataCache, by: object, print: string): Promise<string> {
  const place = await cache.hold(by, 'a registered one', print);
  if (!('path' in place)) throw new Error('it is not built in');
  return place.path;
}

/** The first letters of what the cache has. */
const kept = (): string =>
  readdirSync(cacheFolder())
    .map((name) => readFileSync(join(cacheFolder(), name), 'utf8')[0]!)
    .sort()
    .join('');

describe('the cache of data sets', () => {
  let [a, b, c] = ['', '', ''];
  beforeAll(async () => {
    [a, b, c] = [await store('a'), await store('b'), await store('c')];
  });

  it('removes what was used least recently when there is no space', async () => {
    const cache = openCache();
    for (const print of [a, b, a, c]) await use(cache, print);
    expect(kept()).toBe('ac');
    await use(cache, b);
    expect(kept()).toBe('bc');
  });

  it('refuses a file that a trial names without its fingerprint, and holds one that has it', async () => {
    const cache = openCache();
    const trial = (training: object, task: object = {}) =>
      validate(trialSpec, { dataset: 'a', task: { kind: 'language-model', ...task }, training });
    const named = (...given: Parameters<typeof trial>) => cache.holdNamed(user, trial(...given));
    await expect(named({ initFrom: { embedding: 'glove' } })).rejects.toThrow(
      'training.initFrom.embedding: the trial does not give the fingerprint of glove; submit its sweep again',
    );
    await expect(named({}, { tokens: 'subword', tokenizer: 'gpt2' })).rejects.toThrow(
      'task.tokenizer: the trial does not give the fingerprint of gpt2; submit its sweep again',
    );
    const files = await named({ initFrom: { embedding: 'glove', fingerprint: a } });
    expect(files).toEqual({ 'training.initFrom.embedding': expect.any(String) });
    expect(readFileSync(files['training.initFrom.embedding']!, 'utf8')[0]).toBe('a');
    cache.release(user);
  });

  it('never removes what a training reads', async () => {
    const cache = openCache();
    const path = await hold(cache, { slot: 1 }, a);
    const other = { slot: 2 };
    expect(await hold(cache, other, a)).toBe(path);
    cache.release(other);
    for (const print of [b, c]) await use(cache, print);
    expect(kept()).toBe('ac');
  });

  it('removes what a training has read', async () => {
    const cache = openCache();
    const slot = {};
    await hold(cache, slot, a);
    await cache.hold(slot, 'parity', 'of a built-in one');
    for (const print of [b, c]) await use(cache, print);
    expect(kept()).toBe('bc');
  });

  it('never removes what another worker has used a moment ago', async () => {
    for (const print of [a, b, c]) await use(openCache(600), print);
    expect(kept()).toBe('abc');
    await use(openCache(), c);
    expect(kept()).toBe('abc');
    rmSync(await use(openCache(), c));
    await use(openCache(), c);
    expect(kept()).toBe('bc');
  });

  it('keeps a data set that is larger than its space until it needs another', async () => {
    const large = await store('large ');
    const cache = openCache();
    for (const print of [a, large]) await use(cache, print);
    expect(kept()).toBe('l');
    await use(cache, b);
    expect(kept()).toBe('b');
  });

  it('removes what a fetch left half written when it was killed, but not what is being fetched', async () => {
    const cache = openCache();
    await use(cache, a);
    writeFileSync(join(cacheFolder(), '.half.draft'), 'half');
    await use(openCache(600), b);
    expect(kept()).toBe('abh');
    rmSync(join(cacheFolder(), a + '.text'));
    await use(cache, a);
    expect(kept()).toBe('ab');
  });

  it('fetches a data set again that somebody has removed', async () => {
    const cache = openCache();
    rmSync(await use(cache, a));
    await use(cache, a);
    expect(kept()).toBe('a');
  });

  it('fetches a data set once for all who wait for it', async () => {
    const cache = openCache();
    const paths = await Promise.all(Array.from({ length: 5 }, (_, slot) => hold(cache, { slot }, a)));
    expect(new Set(paths).size).toBe(1);
    expect(kept()).toBe('a');
  });
});
