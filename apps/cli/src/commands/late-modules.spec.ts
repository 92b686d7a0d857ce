import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(__dirname, '../../../..');

interface Statement {
  file: string;
  text: string;
  /** What is imported or exported; undefined for an import of the effects of a module. */
  what: string | undefined;
  from: string;
}

/** The imports and exports of a file that are left of it as JavaScript. */
function statementsOf(file: string): Statement[] {
  const statement = /^(?:import|export)\s+(?!type\s)(?:([^'";]*?)\s*from\s*)?'([^'\n]+)'/gm;
  return [...readFileSync(join(root, file), 'utf8').matchAll(statement)].map(([text, what, from]) => ({
    ...{ file, text, what, from: from! },
  }));
}

const isStar = ({ text }: Statement): boolean => /^export\s+\*/.test(text);
const isBare = ({ what }: Statement): boolean => what === undefined;

describe('the modules that .swcrc has loaded where they are used', () => {
  const { module } = JSON.parse(readFileSync(join(root, '.swcrc'), 'utf8')) as { module: { lazy: string[] } };
  const all = ['apps', 'libs'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => /\/src\/.*(?<!\.spec|\.d)\.ts$/.test(path) && !path.includes('node_modules'))
      .flatMap((path) => statementsOf(join(folder, path))),
  );
  const listed = all.filter(({ from }) => module.lazy.includes(from));

  it.each(module.lazy)('%s is imported', (name) => {
    expect(listed.map(({ from }) => from)).toContain(name);
  });

  it('are imported by names', () => {
    // swc loads the others at once, and gives `export * as` the function that would load them for the module.
    expect(listed.filter((each) => isStar(each) || isBare(each)).map(({ file, text }) => `${file}: ${text}`)).toEqual(
      [],
    );
  });

  it('do nothing by being loaded but have what they export', () => {
    const files = listed.flatMap(({ file, from }) => {
      const path = join(dirname(file), from);
      return from.startsWith('.')
        ? [`${path}.ts`, join(path, 'index.ts')].filter((each) => existsSync(join(root, each)))
        : [];
    });
    expect(files.length).toBeGreaterThan(0);
    const own = [...new Set(files)].flatMap(statementsOf);
    expect(own.filter((each) => isStar(each) || isBare(each)).map(({ file, text }) => `${file}: ${text}`)).toEqual([]);
  });
});
