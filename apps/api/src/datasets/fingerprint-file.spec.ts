import { datasetKindDefinitions } from '@unroll/contracts';
import { fingerprint } from '@unroll/datasets';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { fingerprintFile, textLimit, UploadChecks } from './fingerprint-file';

const folder = mkdtempSync(join(tmpdir(), 'unroll-spec-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('an uploaded text that is compressed', () => {
  const most = datasetKindDefinitions.vectors.mostUncompressed;

  it('may be as large as its kind allows where that is in proportion, and 256 MiB in any case', () => {
    const [glove, small] = [2_176_768_927, 1000];
    expect(textLimit(glove, most).bytes).toBe(most);
    expect(textLimit(small, most).bytes).toBe(2 ** 28);
    expect(textLimit(small).bytes).toBe(2 ** 28);
    expect(textLimit(2 ** 25, most).bytes).toBe(20 * 2 ** 25);
  });

  it('is refused in one line once it has more than that', async () => {
    // A gzip file may be of several parts, here of 16 MiB each.
    const part = gzipSync('was 4 5 6 789 0\n'.repeat(2 ** 20));
    const path = join(folder, 'vectors.gz');
    writeFileSync(path, part);
    expect(await fingerprintFile(path, 'vectors')).toBe(fingerprint('vectors', part));
    const large = Buffer.concat(Array.from({ length: 17 }, () => part));
    writeFileSync(path, large);
    await expect(fingerprintFile(path, 'vectors')).rejects.toThrow(
      `file: has more than 268435456 bytes uncompressed, too many for its ${large.length} compressed: upload the text itself`,
    );
  });
});

describe('uploaded word vectors', () => {
  it('are checked to their end, also in a gzip file', async () => {
    const path = join(folder, 'broken.gz');
    writeFileSync(path, gzipSync(`${'was 4 5 6\n'.repeat(10_000)}is 4 5\n`));
    await expect(fingerprintFile(path, 'vectors')).rejects.toThrow(
      'file: line 10001: does not have a word and 3 numbers',
    );
  });
});

describe('uploads at the same time', () => {
  it('wait for the checks of others of their kind, and of no other kind', async () => {
    const [slow, empty, text] = ['slow', 'empty', 'text.txt'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    // Whoever reads it waits for what is written, as for a disk.
    execFileSync('mkfifo', [slow]);
    writeFileSync(empty, '');
    writeFileSync(text, 'it was the best of times');
    const checks = new UploadChecks();
    const ended: string[] = [];
    const refused = (path: string, name: string): Promise<void> =>
      expect(checks.fingerprint(path, 'vectors').finally(() => ended.push(name))).rejects.toThrow('file: is empty');
    const vectors = [refused(slow, 'first vectors'), refused(empty, 'second vectors')];
    await checks.fingerprint(text, 'text').finally(() => ended.push('text'));
    writeFileSync(slow, '');
    await Promise.all(vectors);
    expect(ended).toEqual(['text', 'first vectors', 'second vectors']);
  });
});
