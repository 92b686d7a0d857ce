import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { list } from 'tar';
import { packFolder } from './pack-folder';

describe('a packed folder', () => {
  it('holds every file, whatever its folder is called', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'unroll-pack-'));
    try {
      for (const name of ['@alice', 'bob', '-c', 'a b', '.hidden']) {
        mkdirSync(join(folder, 'in', name), { recursive: true });
        writeFileSync(join(folder, 'in', name, '@1.txt'), name);
      }
      const names: string[] = [];
      const file = await packFolder(join(folder, 'in'), join(folder, 'out.tar'));
      await list({ file, onReadEntry: ({ path }) => names.push(path) });
      expect(names.sort()).toEqual(['-c/@1.txt', './@alice/@1.txt', 'a b/@1.txt', 'bob/@1.txt']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
