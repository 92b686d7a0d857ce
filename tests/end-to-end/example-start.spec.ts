import { unroll } from '../support/cli';
import { temporaryFolder } from '../support/servers.cjs';

describe('npm start -- --exit', () => {
  it('says what it will do, trains the example, and names a winner that beats the bigram model', async () => {
    const { code, stdout } = await unroll(['start', '--example', '--exit', '--port', '0', '--data', temporaryFolder()]);
    expect(code).toBe(0);
    expect(stdout).toContain('This example trains 6 small networks');
    expect(stdout).toMatch(/\| writes: +\S/);
    expect(stdout).toMatch(
      /The winner is cell \w+.*: [\d.]+ bits per character, \d+ % fewer than a character bigram model needs/,
    );
    expect(stdout).toContain('Next: npx unroll');
  });
});
