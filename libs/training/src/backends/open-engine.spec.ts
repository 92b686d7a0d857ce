import { existsSync } from 'node:fs';
import { engineNames, type EngineName } from '@unroll/contracts';
import { describeEngines, openEngine, preferred } from './open-engine';
import { restoreUtil } from './tensorflow';

/** Its binary: where that could not be downloaded, the package may be there without it. */
const withTensorflow = existsSync('node_modules/@tensorflow/tfjs-node-gpu/lib');

describe('opening an engine', () => {
  it('gives the requested one, with its memory and its code path', async () => {
    for (const name of ['wasm', 'cpu'] as const) {
      const engine = await openEngine(name);
      expect(engine).toMatchObject({ name, codePath: 'composite', synchronous: true });
      expect(engine.memory().tensors).toBeGreaterThanOrEqual(0);
    }
  });

  it('refuses an unknown one, in one line', async () => {
    const unknown: string = 'abacus';
    await expect(openEngine(unknown as EngineName)).rejects.toThrow(
      'there is no engine "abacus"; available: auto, tensorflow, webgpu, native, wasm, cpu',
    );
  });

  it('leaves the handling of uncaught errors to the program', async () => {
    const before = process.listenerCount('uncaughtException') + process.listenerCount('unhandledRejection');
    await openEngine('wasm');
    expect(process.listenerCount('uncaughtException') + process.listenerCount('unhandledRejection')).toBe(before);
  });

  (withTensorflow ? it.skip : it)(
    `says of an engine that is absent why, and what would help${withTensorflow ? ' (skipped: tensorflow is there)' : ''}`,
    async () => {
      await expect(openEngine('tensorflow')).rejects.toThrow(
        /^the engine tensorflow is not available: (absent|without binary): @tensorflow\/tfjs-node-gpu is .*; remedy: npm install/,
      );
      const { engines: descriptions, auto } = await describeEngines();
      const [gpuThere, nativeThere] = [descriptions[1]!.available, descriptions[2]!.available];
      expect(descriptions.map(({ name, available }) => [name, available])).toEqual([
        ['tensorflow', false],
        ['webgpu', gpuThere],
        ['native', nativeThere],
        ['wasm', true],
        ['cpu', true],
      ]);
      expect(descriptions[0]!.reason).toMatch(/^(absent|without binary): /);
      // A software GPU is never taken, although its driver is installed for the specs of webgpu.
      const fastest = gpuThere ? 'webgpu' : nativeThere ? 'native' : 'wasm';
      expect([(await openEngine('auto')).name, auto]).toEqual([fastest, fastest]);
    },
  );
});

describe('the engine that auto takes', () => {
  const chosen = async (there: readonly EngineName[], synchronous: boolean): Promise<EngineName | undefined> =>
    (await preferred((name) => Promise.resolve(there.includes(name) ? { name, synchronous } : undefined)))?.name;
  const without = (...gone: EngineName[]): EngineName[] => engineNames.filter((name) => !gone.includes(name));

  it('is tensorflow on CUDA, which comes before any other', async () => {
    expect(await chosen(engineNames, false)).toBe('tensorflow');
  });

  it.each([
    ['webgpu', []],
    ['native', ['webgpu']],
    ['tensorflow', ['webgpu', 'native']],
    ['wasm', ['webgpu', 'native', 'tensorflow']],
    ['cpu', ['webgpu', 'native', 'tensorflow', 'wasm']],
    [undefined, engineNames],
  ] as const)('is %s without CUDA and without %j', async (name, gone) => {
    expect(await chosen(without(...gone), true)).toBe(name);
  });

  it('is found without opening those behind it', async () => {
    const asked: EngineName[] = [];
    await preferred((name) => {
      asked.push(name);
      return Promise.resolve(name === 'native' ? { name, synchronous: true } : undefined);
    });
    expect(asked).toEqual(['tensorflow', 'webgpu', 'native']);
  });
});

describe('what Node 23 removed and tfjs-node calls', () => {
  it('is defined again, and left alone where it is there', () => {
    const removed: Record<string, any> = {};
    restoreUtil(removed);
    expect([null, undefined, 0, ''].map(removed.isNullOrUndefined)).toEqual([true, true, false, false]);
    expect([[1], { length: 1 }].map((value) => removed.isArray(value))).toEqual([true, false]);
    const own = { isArray: () => true, isNullOrUndefined: () => true };
    const before = { ...own };
    restoreUtil(own);
    expect(own).toEqual(before);
  });
});
