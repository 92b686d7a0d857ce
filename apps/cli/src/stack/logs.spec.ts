import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cutLogs } from './logs';

it('a log begins anew when it is large, with the one before beside it, while its process writes on', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'unroll-logs-'));
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  const [worker, api] = ['worker.log', 'api.log'].map((name) => openSync(join(folder, name), 'a')) as [number, number];
  writeSync(api, 'short\n');
  for (let round = 0; round < 3; round += 1) {
    writeSync(worker, `${round} of a long story\n`);
    await cutLogs(folder, 15);
    writeSync(worker, 'and on\n');
    expect([read('worker.log'), read('api.log')]).toEqual(['and on\n', 'short\n']);
    await cutLogs(folder, 15);
  }
  expect(read('worker.log.1')).toBe('and on\n2 of a long story\n');
  expect(readdirSync(folder).sort()).toEqual(['api.log', 'worker.log', 'worker.log.1']);
  for (const file of [worker, api]) closeSync(file);
  rmSync(folder, { recursive: true });
});
