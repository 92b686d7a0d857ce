import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { version } from './version';

describe('the version', () => {
  it('is that of the newest section of the changelog', () => {
    const changelog = readFileSync(join(__dirname, '..', '..', '..', 'CHANGELOG.md'), 'utf8');
    expect(version).toBe(/^## (\S+)/m.exec(changelog)?.[1]);
  });
});
