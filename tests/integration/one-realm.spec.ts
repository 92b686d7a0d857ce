import { keepGlobalsOf, remember } from '../support/one-realm.cjs';

type Globals = Record<string, unknown>;
const globals = globalThis as unknown as Globals;

describe('what a spec changes of its process is undone after it', () => {
  const { fetch, process } = globalThis;

  beforeEach(() => {
    process.env.UNROLL_ONE_REALM = 'before';
    const restore = remember();
    globals.ofThisFile = true;
    globals.fetch = () => 'replaced';
    Object.assign(process.env, { UNROLL_ONE_REALM: 'after', UNROLL_OF_THIS_FILE: 'set' });
    process.exitCode = 3;
    keepGlobalsOf(() => (globals.ofPackage = 'kept'));
    restore();
  });
  afterEach(() => {
    delete globals.ofPackage;
    delete process.env.UNROLL_ONE_REALM;
  });

  it('globals', () => {
    expect('ofThisFile' in globals).toBe(false);
    expect(globals.fetch).toBe(fetch);
  });

  it('but not those of a package, which is not loaded again', () => expect(globals.ofPackage).toBe('kept'));

  it('the environment and the exit code', () => {
    expect(process.env).toMatchObject({ UNROLL_ONE_REALM: 'before' });
    expect(process.env).not.toHaveProperty('UNROLL_OF_THIS_FILE');
    expect(process.exitCode).toBeUndefined();
  });
});

it('classes are those of Node.js itself', () => {
  expect(Buffer.from('a')).toBeInstanceOf(Uint8Array);
  expect(structuredClone(new Map())).toBeInstanceOf(Map);
  expect(structuredClone([])).toBeInstanceOf(Array);
});
