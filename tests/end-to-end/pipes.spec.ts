import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { commandEnvironment, program } from '../support/cli';

/** Far more than a pipe holds. */
const rows = Array.from({ length: 6000 }, (_, index) => ({ name: `data-${index}`, kind: 'text', builtIn: false }));
let server: Server;

beforeAll(async () => {
  server = createServer((_, response) => response.end(JSON.stringify({ items: rows, nextCursor: null })));
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterAll(() => server.close());

const environment = (): NodeJS.ProcessEnv =>
  commandEnvironment({
    UNROLL_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    UNROLL_KEY: 'a-key-for-tests-alone',
  });

/** Runs a command in a shell that pipes its output on; returns what the shell printed, and the exit code of the command. */
async function piped(reader: string): Promise<{ output: string; errors: string; code: string }> {
  const child = spawn(
    'bash',
    ['-c', `"$0" "$1" dataset list --json | ${reader}; echo "\${PIPESTATUS[0]}" >&3`, process.execPath, program],
    {
      env: environment(),
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    },
  );
  const texts = ['', '', ''];
  for (const [index, stream] of [child.stdout!, child.stderr!, child.stdio[3]!].entries())
    stream.on('data', (data: Buffer) => (texts[index] += data.toString()));
  await once(child, 'close');
  const [output, errors, code] = texts as [string, string, string];
  return { output, errors, code: code.trim() };
}

describe('a command whose output is piped', () => {
  it.each([
    ['at once', 'cat'],
    ['late', '(sleep 1; cat)'],
  ])('has written all lines when it is read %s', async (_, reader) => {
    const { output, code } = await piped(reader);
    expect(JSON.parse(output)).toHaveLength(rows.length);
    expect(code).toBe('0');
  });

  it('has written all lines when another program reads them late', async () => {
    const child = spawn(process.execPath, [program, 'dataset', 'list', '--json'], {
      env: environment(),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await Promise.race([once(child, 'exit'), pause(1500)]);
    let output = '';
    child.stdout.on('data', (data: Buffer) => (output += data.toString()));
    const [code] = await once(child, 'close');
    expect([JSON.parse(output).length, code]).toEqual([rows.length, 0]);
  });

  it('ends quietly when the reader has enough', async () => {
    const { output, errors, code } = await piped('head -n 2');
    expect(output.split('\n')).toHaveLength(3);
    expect([errors, code]).toEqual(['', '0']);
  });
});
