import { limits, type DatasetKind, type DatasetSpec } from '@unroll/contracts';
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
  /** Its fingerprint, without generating it. @throws DatasetError for an unsupported option */
  identify(options?: BuiltInOptions): string;
  /** How many steps are generated for it; 0 for one that is read. @throws DatasetError for an unsupported option */
  steps(options?: BuiltInOptions): number;
  /** Its size in bytes with the default options. */
  size(): number;
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
    return readDeclarations();
  },
  identify(options) {
    refuse(this.name, options, ['steps', 'sequences']);
    declarations ??= { fingerprint: fingerprint(this.kind, readDeclarations()), bytes: readDeclarations().byteLength };
    return declarations.fingerprint;
  },
  steps: () => 0,
  size() {
    this.identify();
    return declarations!.bytes;
  },
};

let declarations: Generated['original'] | undefined;

function readDeclarations(): Buffer {
  const folder = dirname(require.resolve('typescript'));
  return Buffer.concat(declarationFiles.map((file) => readFileSync(join(folder, `lib.${file}.d.ts`))));
}

function refuse(name: string, options: BuiltInOptions | undefined, keys: readonly (keyof BuiltInOptions)[]): void {
  for (const key of keys)
    if (options?.[key] !== undefined)
      throw new DatasetError(`dataset.${key}: ${name} does not support this option; leave it out`);
}

/** The number of steps and sequences that are generated. @throws DatasetError for an unsupported or too large number */
function sizeOf(generated: Generated, options: BuiltInOptions = {}): { steps: number; sequences: number } {
  const { name, kind, leastSteps = 1, mostSteps = Infinity } = generated;
  if (kind === 'series') refuse(name, options, ['sequences']);
  const { steps = generated.steps, sequences = generated.sequences } = options;
  if (steps < leastSteps) throw new DatasetError(`dataset.steps: ${name} needs at least ${leastSteps}, not ${steps}`);
  if (steps > mostSteps) throw new DatasetError(`dataset.steps: ${name} has at most ${mostSteps}, not ${steps}`);
  if (steps * sequences > limits.generatedSteps)
    throw new DatasetError(
      `dataset.sequences: ${name} has at most ${Math.floor(limits.generatedSteps / steps)} sequences of ${steps} steps, ` +
        `${limits.generatedSteps} steps in all, not ${sequences}`,
    );
  return { steps, sequences };
}

function fromGenerated(generated: Generated): BuiltIn {
  const { name, kind, description, text, original } = generated;
  return {
    name,
    kind,
    description,
    read: (options) => Buffer.from(text(sizeOf(generated, options))),
    identify(options) {
      const { steps, sequences } = sizeOf(generated, options);
      if (steps === generated.steps && sequences === generated.sequences) return original.fingerprint;
      return fingerprint(kind, Buffer.from(JSON.stringify({ name, original: original.fingerprint, steps, sequences })));
    },
    steps(options) {
      const { steps, sequences } = sizeOf(generated, options);
      return steps * sequences;
    },
    size: () => original.bytes,
  };
}

const all: readonly Generated[] = [
  ...[addingProblem, copyMemory, temporalOrder, embeddedReber, parity],
  ...[mackeyGlass, sineMixture, airlinePassengers, reversal],
];

export const builtIns: readonly BuiltIn[] = [typescriptDeclarations, ...all.map(fromGenerated)];
