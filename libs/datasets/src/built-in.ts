import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fingerprint } from './fingerprint';

/** A data set that needs no download. */
export interface BuiltIn {
  name: string;
  kind: 'text';
  description: string;
  read(): Uint8Array;
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

/** Declarations of JavaScript's own library, from the TypeScript package (Apache License 2.0) that Unroll runs with. */
const typescriptDeclarations: BuiltIn = {
  name: 'typescript-declarations',
  kind: 'text',
  description: "Declarations of JavaScript's standard library, from the TypeScript package",
  read() {
    const folder = dirname(require.resolve('typescript'));
    return Buffer.concat(declarationFiles.map((file) => readFileSync(join(folder, `lib.${file}.d.ts`))));
  },
};

export const builtIns: readonly BuiltIn[] = [typescriptDeclarations];

const fingerprints = new Map<string, string>();

/** The fingerprint of a built-in data set; computed once a process. */
export function builtInFingerprint(builtIn: BuiltIn): string {
  const known = fingerprints.get(builtIn.name) ?? fingerprint(builtIn.kind, builtIn.read());
  fingerprints.set(builtIn.name, known);
  return known;
}
