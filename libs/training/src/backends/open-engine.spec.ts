import { existsSync } from 'node:fs';
import type { EngineName } from '@unroll/contracts';
import { describeEngines, openEngine } from './open-engine';

const withGpu = existsSync('node_modules/@tensorflow/tfjs-node-gpu/package.json');

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

  (withGpu ? it.skip : it)(
    `says of an engine that is absent why, and what would help${withGpu ? ' (skipped: tensorflow is there)' : ''}`,
    async () => {
      await expect(openEngine('tensorflow')).rejects.toThrow(
        /^the engine tensorflow is not available: absent: @tensorflow\/tfjs-node-gpu is not installed; remedy: npm install/,
      );
      const descriptions = await describeEngines();
      const [gpuThere, nativeThere] = [descriptions[1]!.available, descriptions[2]!.available];
      expect(descriptions.map(({ name, available }) => [name, available])).toEqual([
        ['tensorflow', false],
        ['webgpu', gpuThere],
        ['native', nativeThere],
        ['wasm', true],
        ['cpu', true],
      ]);
      expect(descriptions[0]!.reason).toMatch(/^absent: /);
      // A software GPU is never taken, although its driver is installed for the specs of webgpu.
      const fastest = gpuThere ? 'webgpu' : nativeThere ? 'native' : 'wasm';
      expect((await openEngine('auto')).name).toBe(fastest);
    },
  );
});
