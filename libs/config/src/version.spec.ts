import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeProblem, version } from './version';

describe('the version', () => {
  it('is that of the newest section of the changelog', () => {
    const changelog = readFileSync(join(__dirname, '..', '..', '..', 'CHANGELOG.md'), 'utf8');
    expect(version).toBe(/^## (\S+)/m.exec(changelog)?.[1]);
  });
});

describe('the version of Node', () => {
  it.each(['20.19.0', '22.0.0', '24.21.0', '26.10.0'])('may be %s', (running) => {
    expect(nodeProblem(running)).toBeUndefined();
  });

  it.each(['18.20.8', '20.18.3', '27.0.0'])('is refused in one line if it is %s', (running) => {
    expect(nodeProblem(running, '>=20.19 <27')).toBe(
      `Node ${running} is not supported: use a version that is >=20.19 and <27`,
    );
  });
});
