import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lives, succeeds, unroll } from '../support/cli';
import { temporaryFolder } from '../support/servers.cjs';
import { startStack } from '../support/stack';

const text = 'it was the best of times, it was the worst of times. '.repeat(40);

describe('a stack whose parent is killed', () => {
  it('leaves only PostgreSQL, which the next start adopts with all results; that one leaves no process, and a backup of it starts elsewhere', async () => {
    const folder = temporaryFolder();
    const first = await startStack({}, folder);
    await succeeds(first.unroll('dataset', 'add', 'times', first.write('times.txt', text), '--kind', 'text'));
    const { children } = JSON.parse(readFileSync(join(folder, 'instance.json'), 'utf8'));
    first.kill('SIGKILL');
    await first.ended;

    const second = await startStack({}, folder);
    expect(second.said()).toContain('Reusing the PostgreSQL server');
    expect(children.filter(lives)).toEqual([]);
    expect((await second.unroll('dataset', 'list')).stdout).toContain('times');
    const postgres = Number(readFileSync(join(folder, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);
    const own = [...JSON.parse(readFileSync(join(folder, 'instance.json'), 'utf8')).children, postgres];
    expect(own.every(lives)).toBe(true);
    const saved = await second.unroll('backup', join(folder, 'saved'));
    expect(saved).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Saved [\d,]+ rows and 1 artifact to/) });
    second.kill('SIGTERM');
    expect((await second.ended).code).toBe(0);
    expect(own.filter(lives)).toEqual([]);

    const other = temporaryFolder();
    const restored = await unroll(['restore', join(folder, 'saved'), '--data', other]);
    expect(restored).toMatchObject({ code: 0, stdout: expect.stringContaining('Restored') });
    const third = await startStack({}, other);
    expect((await third.unroll('dataset', 'list')).stdout).toContain('times');
    third.kill('SIGTERM');
    expect((await third.ended).code).toBe(0);
  });
});
