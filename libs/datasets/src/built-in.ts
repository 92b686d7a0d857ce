import type { DatasetKind, DatasetSpec } from '@unroll/contracts';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatasetError } from './prepared/data';
import { fingerprint } from './fingerprint';
import { addingProblem } from './synthetic/adding-problem';
import { airlinePassengers } from './synthetic/airline-passengers';
import { copyMemory } from './synthetic/copy-memory';
import { embeddedReber } from './synthetic/embedded-reber';
import type { Generated } from './synthetic/generated';
import { mackeyGlass } from './synthetic/mackey-glass';
import { parity } from './synthetic/parity';
import { reversal } from './synthetic/reversal';
import { sineMixture } from './synthetic/sine-mixture';
import { temporalOrder } from './synthetic/temporal-order';

/** The options of a built-in data set that a sweep may set. */
export type BuiltInOptions = Pick<DatasetSpec, 'steps' | 'sequences'>;

/** A data set that needs no download. */
export interface BuiltIn {
  name: string;
  kind: DatasetKind;
  description: string;
  /** Its bytes. @throws DatasetError for an unsupported option */
  read(options?: BuiltInOptions): Uint8Array;
}

const declarationFiles = [
  'es5',
  'es2015.core',
  'es2015.collection',
  'es2015.iterable',
  'es2015.promise',
  'es2015.proxy',
  'es2015.reflect',
];

/** The type declarations of JavaScript's standard library, from the installed TypeScript package (Apache License 2.0). */
const typescriptDeclarations: BuiltIn = {
  name: 'typescript-declarations',
  kind: 'text',
  description: "Declarations of JavaScript's standard library, from the TypeScript package",
  read(options) {
    refuse(this.name, options, ['steps', 'sequences']);
    const folder = dirname(require.resolve('typescript'));
    return Buffer.concat(declarationFiles.map((file) => readFileSync(join(folder, `lib.${file}.d.ts`))));
  },
};

function refuse(name: string, options: BuiltInOptions | undefined, keys: readonly (keyof BuiltInOptions)[]): void {
  for (const key of keys)
    if (options?.[key] !== undefined)
      throw new DatasetError(`dataset.${key}: ${name} does not support this option; leave it out`);
}

/** @throws DatasetError for a number of steps outside the range of a generated data set */
function requireSteps({ name, leastSteps = 1, mostSteps = Infinity }: Generated, steps: number): void {
  if (steps < leastSteps) throw new DatasetError(`dataset.steps: ${name} needs at least ${leastSteps}, not ${steps}`);
  if (steps > mostSteps) throw new DatasetError(`dataset.steps: ${name} has at most ${mostSteps}, not ${steps}`);
}

function fromGenerated(generated: Generated): BuiltIn {
  const { name, kind, description, text } = generated;
  return {
    name,
    kind,
    description,
    read(options) {
      if (kind === 'series') refuse(name, options, ['sequences']);
      const steps = options?.steps ?? generated.steps;
      requireSteps(generated, steps);
      return Buffer.from(text({ steps, sequences: options?.sequences ?? generated.sequences }));
    },
  };
}

const all: readonly Generated[] = [
  ...[addingProblem, copyMemory, temporalOrder, embeddedReber, parity],
  ...[mackeyGlass, sineMixture, airlinePassengers, reversal],
];

export const builtIns: readonly BuiltIn[] = [typescriptDeclarations, ...all.map(fromGenerated)];

/** Cached facts about a data set's bytes, which are slow to generate. */
interface Known {
  fingerprint: string;
  bytes: number;
}
const known = new Map<string, Known>();

function cachedFacts(builtIn: BuiltIn, options: BuiltInOptions): Known {
  const key = JSON.stringify([builtIn.name, options.steps, options.sequences]);
  const before = known.get(key);
  if (before) return before;
  const bytes = builtIn.read(options);
  const now = { fingerprint: fingerprint(builtIn.kind, bytes), bytes: bytes.byteLength };
  known.set(key, now);
  return now;
}

/** The fingerprint of a built-in data set, computed once per process. */
export const builtInFingerprint = (builtIn: BuiltIn, options: BuiltInOptions = {}): string =>
  cachedFacts(builtIn, options).fingerprint;

/** The size of a built-in data set in bytes, computed once per process. */
export const builtInSize = (builtIn: BuiltIn): number => cachedFacts(builtIn, {}).bytes;
