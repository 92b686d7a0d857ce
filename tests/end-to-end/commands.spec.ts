import { parseDocument, sweepSpec, validate } from '@unroll/contracts';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { commandEnvironment, program, ran, succeeds, unroll, type Ran } from '../support/cli';
import { describeWith, itAll, softwareGpu } from '../support/machine';
import { temporaryFolder } from '../support/servers.cjs';

const folder = temporaryFolder();
const reference = join(__dirname, '..', 'reference');

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const trial = (changes = ''): string => `
dataset: {path: text.txt, kind: text, split: {validation: 0.2}}
task: language-model
model: {cell: gru, hiddenSize: 8, embeddingSize: 4}
training: {bptt: 8, batchSize: 4, updates: 6, reportEvery: 3, learningRate: 1e-2}
${changes}`;

beforeAll(() => file('text.txt', 'to be, or not to be: that is the question. '.repeat(30)));

const lastLine = (text: string): any => JSON.parse(text.trim().split('\n').at(-1)!);

describe('incorrect usage exits with code 2 and one line that says what to do', () => {
  it.each([
    ['an unknown command', ['sweeep'], "unknown command 'sweeep' (Did you mean sweep?)"],
    ['an unknown option', ['doctor', '--jsn'], "unknown option '--jsn'"],
    ['a file that is not there', ['train', 'nothing.yaml'], 'nothing.yaml: no such file'],
    ['a number that is none', ['leaderboard', '--limit', 'all'], 'must be an integer from 1 to 1000'],
    ['an engine that does not exist', ['verify', '--engine', 'cuda'], 'there is no engine "cuda"'],
    ['--exit without --example', ['start', '--exit'], '--exit requires --example'],
    ['a task that does not exist', ['init', 'chess'], 'must be one of language-model'],
    ['a time for a file', ['sweep', 'submit', 'x.yaml', '--minutes', '5'], '--minutes: is for --text'],
    [
      'a beam that samples',
      ['generate', 'x', '--prompt', 'a', '--beam', '2', '--top-p', '0.5'],
      '--beam searches for the most likely text, --top-p samples: give only one of them',
    ],
    [
      'a kind of data that does not exist',
      ['dataset', 'add', 'x', 'y', '--kind', 'video'],
      'must be one of text, series, labelled, pairs, frames, audio',
    ],
  ])('for %s', async (_, args, message) => {
    const { code, stderr, stdout } = await unroll(args, { UNROLL_DATA: folder });
    expect(stderr).toContain(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it('for an unknown variable in the environment', async () => {
    const { code, stderr } = await unroll(['start'], { UNROLL_DATA: folder, UNROLL_PROT: '1' });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'unroll: UNROLL_PROT: unknown variable; did you mean UNROLL_PORT?\n',
    });
  });

  it('for a database that is down', async () => {
    const { code, stderr } = await unroll(['start', '--data', temporaryFolder(), '--port', '0'], {
      DATABASE_URL: 'postgres://u:p@127.0.0.1:1/x',
    });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'unroll: PostgreSQL at 127.0.0.1:1 cannot be used: connect ECONNREFUSED 127.0.0.1:1\n',
    });
  });

  it('for a public address without a key', async () => {
    const { code, stderr } = await unroll(['start', '--data', temporaryFolder(), '--port', '0'], {
      UNROLL_HOST: '0.0.0.0',
      DATABASE_URL: 'postgres://u:p@127.0.0.1:1/x',
    });
    expect(stderr).toContain('UNROLL_KEY: is missing');
    expect(code).toBe(2);
  });

  describe('for a port in use', () => {
    let server: Server;
    beforeAll((done) => void (server = createServer().listen(0, '127.0.0.1', () => done())));
    afterAll((done) => void server.close(done));

    it('that was requested', async () => {
      const { port } = server.address() as AddressInfo;
      const { code, stderr } = await unroll(['start', '--data', temporaryFolder(), '--port', String(port)]);
      expect(stderr).toContain(`port ${port} is in use: choose another with --port`);
      expect(code).toBe(2);
    });
  });
});

describe('without a running stack', () => {
  it('a command that needs a stack says how to start one', async () => {
    const { code, stderr } = await unroll(['leaderboard'], { UNROLL_DATA: temporaryFolder() });
    expect(stderr).toContain('start one with "npx unroll start"');
    expect(code).toBe(1);
  });
});

describe('the key of the stack in a folder', () => {
  it('is not sent to another machine', async () => {
    const data = join(folder, 'with-key');
    mkdirSync(data, { recursive: true });
    writeFileSync(join(data, 'key'), 'a-key-of-this-machine');
    const asked = (url: string) => unroll(['sweep', 'list'], { UNROLL_URL: url, UNROLL_DATA: data });
    const refused =
      'unroll: there is no key for http://127.0.0.1.example.org: sign in with "npx unroll login http://127.0.0.1.example.org"';
    expect(await asked('http://127.0.0.1.example.org/')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(refused),
    });
    expect((await asked('http://127.0.0.1:1')).stderr).not.toContain('no key');
  });
});

describe('unroll train', () => {
  it('trains a single-trial file and prints a JSON object as its last line', async () => {
    const { code, stdout } = await unroll(['train', file('trial.yaml', trial()), '--json', '--engine', 'cpu']);
    expect(code).toBe(0);
    const result = lastLine(stdout);
    expect(result).toMatchObject({ state: 'completed', updates: 6, engine: 'cpu', lanes: 1 });
    expect(Object.keys(result.metrics)).toEqual(
      expect.arrayContaining(['train.loss', 'validation.loss', 'validation.perplexity', 'validation.bitsPerToken']),
    );
    expect(result.metrics['validation.perplexity']).toBeCloseTo(Math.exp(result.metrics['validation.loss']), 6);
    expect(result.metrics['validation.bitsPerToken']).toBeCloseTo(result.metrics['validation.loss'] / Math.LN2, 6);
    expect(result.stepsPerSecond).toBeGreaterThan(0);
  });

  it('trains K seeds together, each as it would be alone', async () => {
    const path = file('lanes.yaml', trial());
    const [fused, alone] = await Promise.all([
      unroll(['train', path, '--json', '--engine', 'wasm', '--lanes', '3']),
      unroll([
        'train',
        file('alone.yaml', trial().replace('training: {', 'training: {seed: 2, ')),
        '--json',
        '--engine',
        'wasm',
      ]),
    ]);
    const { trials, lanes } = lastLine(fused.stdout);
    expect(lanes).toBe(3);
    expect(trials.map(({ seed }: any) => seed)).toEqual([0, 1, 2]);
    expect(trials[2].metrics).toEqual(lastLine(alone.stdout).metrics);
    expect(trials[0].metrics).not.toEqual(trials[1].metrics);
  });

  it('keeps the best so far and a checkpoint on Ctrl-C, from which --resume goes on as if it had never stopped', async () => {
    const spec = trial().replace('updates: 6, reportEvery: 3', 'updates: 400, reportEvery: 10');
    const whole = file('whole.yaml', spec);
    const path = file('interrupted.yaml', spec);
    const checkpoint = join(folder, 'interrupted.checkpoint');
    const model = join(folder, 'interrupted.safetensors');
    const first = spawn(process.execPath, [program, 'train', path, '--engine', 'native', '--json', '--lanes', '2'], {
      env: commandEnvironment({}),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = ran(first);
    first.stderr.on('data', (data: Buffer) => data.includes('update 10/') && first.kill('SIGINT'));
    const stopped = await ended;
    expect(stopped.stderr).toContain(`Go on with: npx unroll train ${path} --resume`);
    expect({ code: stopped.code, state: lastLine(stopped.stdout).state }).toEqual({ code: 1, state: 'interrupted' });
    expect(readFileSync(join(folder, 'interrupted.interrupted.safetensors')).length).toBeGreaterThan(1000);

    const changed = await unroll(['train', file('interrupted.yaml', spec.replace('1e-2', '2e-2')), '--resume']);
    expect(changed).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('is of a trial with another training.learningRate'),
    });
    file('interrupted.yaml', spec);
    const [resumed, alone] = await Promise.all([
      unroll(['train', path, '--engine', 'native', '--json', '--resume', '-o', model]),
      unroll(['train', whole, '--engine', 'native', '--json', '--lanes', '2', '-o', join(folder, 'whole.safetensors')]),
    ]);
    expect({ code: resumed.code, stderr: resumed.code === 0 ? '' : resumed.stderr }).toEqual({ code: 0, stderr: '' });
    const figures = ({ stdout }: Ran): unknown =>
      lastLine(stdout).trials.map(({ metrics, updates, weightsUpdate }: any) => ({ metrics, updates, weightsUpdate }));
    expect(figures(resumed)).toEqual(figures(alone));
    expect(readFileSync(model).equals(readFileSync(join(folder, 'whole.safetensors')))).toBe(true);
    expect(existsSync(checkpoint)).toBe(false);
    const again = await unroll(['train', path, '--resume']);
    expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('the training was not interrupted') });
  });

  it('sums up the weights that it keeps, not those of the last update', async () => {
    const spec = trial().replace(
      'updates: 6, reportEvery: 3, learningRate: 1e-2',
      'updates: 40, reportEvery: 4, learningRate: 1',
    );
    const { stdout, stderr } = await unroll(['train', file('best.yaml', spec), '--json', '--engine', 'native']);
    const reports = [...stderr.matchAll(/^update (\d+)\/40 .* validation.bitsPerToken ([\d.]+)$/gm)].map(
      ([, at, value]) => [Number(at), Number(value)],
    );
    const [update, bits] = reports.reduce((a, b) => (b[1]! < a[1]! ? b : a));
    expect(update).toBeLessThan(40);
    const result = lastLine(stdout);
    expect(result.weightsUpdate).toBe(update);
    expect(result.metrics['validation.bitsPerToken']).toBeCloseTo(bits!, 2);
  });

  it('measures the network on other data, as "unroll evaluate" does', async () => {
    const model = join(folder, 'evaluated.safetensors');
    const other = file('other.txt', 'that is to be, not to question. '.repeat(20));
    const args = ['train', file('evaluated.yaml', trial()), '--engine', 'cpu', '-o', model, '--evaluate', other];
    const { evaluated } = lastLine(await succeeds(unroll([...args, '--json'])));
    const { metrics } = JSON.parse(
      await succeeds(unroll(['evaluate', model, '--input', other, '--engine', 'cpu', '--json'])),
    );
    expect(evaluated).toEqual(metrics);
    const missing = await unroll(['train', file('evaluated.yaml', trial()), '--evaluate', join(folder, 'none.txt')]);
    expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining('--evaluate: ') });
  });

  it('refuses a distribution, naming it', async () => {
    const { code, stderr } = await unroll([
      'train',
      file('search.yaml', trial().replace('1e-2', '{uniform: [0.1, 0.2]}')),
    ]);
    expect(stderr).toContain('training.learningRate: is a distribution');
    expect(code).toBe(2);
  });

  it('ignores the keys of a sweep, with a note', async () => {
    const { code, stderr } = await unroll([
      'train',
      file('more.yaml', trial('search: {trials: 9}')),
      '--json',
      '--engine',
      'cpu',
    ]);
    expect(stderr).toContain('search is ignored');
    expect(code).toBe(0);
  });

  it('exits with code 1 if the trial diverges, and names the update', async () => {
    const { code, stdout } = await unroll([
      'train',
      file(
        'bad.yaml',
        trial().replace(
          'learningRate: 1e-2',
          'learningRate: 1000, clipNorm: null, optimizer: sgd, divergence: {norm: 1}',
        ),
      ),
      '--engine',
      'cpu',
      '--json',
    ]);
    expect(code).toBe(1);
    expect(lastLine(stdout)).toMatchObject({ state: 'diverged', message: expect.stringMatching(/^update \d+: /) });
  });

  it('reports a text that is not UTF-8', async () => {
    writeFileSync(join(folder, 'latin.txt'), Buffer.from([0xe9, 0x20, 0xe8]));
    const { code, stderr } = await unroll(['train', file('latin.yaml', trial().replace('text.txt', 'latin.txt'))]);
    expect(stderr).toContain('not valid UTF-8');
    expect(code).toBe(2);
  });
});

describe('unroll verify', () => {
  it("confirms that wasm matches PyTorch's values in the reference tables", async () => {
    const { code, stdout } = await unroll(['verify', '--engine', 'wasm', '--json']);
    expect(code).toBe(0);
    const { passed, cases } = JSON.parse(stdout);
    expect(passed).toBe(true);
    expect(cases.length).toBeGreaterThan(40);
  });

  it('exits with code 1 if a value is off by a thousandth', async () => {
    const table = JSON.parse(readFileSync(join(reference, 'recurrent-layers.json'), 'utf8'));
    table.cases = table.cases.slice(0, 2);
    table.cases[1].outputs[0][0][0] *= 1.001;
    const path = file('off.json', JSON.stringify(table));
    const { code, stdout, stderr } = await unroll(['verify', '--engine', 'cpu', '--layers', path]);
    expect(code).toBe(1);
    expect(stdout).toContain('FAILED');
    expect(stderr).toContain('1 of 2 cases differ from PyTorch on cpu');
  });

  describeWith('GPU in software', softwareGpu !== undefined)('on a GPU in software', () => {
    // Shaders compile for half a minute.
    itAll('ends by the signal of Ctrl+C, without what a driver printed', async () => {
      const args = ['verify', '--tasks', '--gpu', 'software', '--engine', 'webgpu'];
      const child = spawn(process.execPath, [program, ...args], { env: commandEnvironment({}), stdio: 'pipe' });
      let said = '';
      child.stderr.on('data', (data: Buffer) => {
        said += data.toString();
        if (said.includes('held against cpu')) child.kill('SIGINT');
      });
      await ran(child);
      expect(child.signalCode).toBe('SIGINT');
      expect(said.replace('Building ...\n', '')).toMatch(/^\d+ combinations on webgpu, held against cpu \.\.\.\n$/);
    });
  });

  it('names a file that is not a table', async () => {
    const { code, stderr } = await unroll(['verify', '--engine', 'cpu', '--traces', file('none.json', '{}')]);
    expect(stderr).toContain('has no list "runs"');
    expect(code).toBe(2);
  });
});

describe('unroll doctor', () => {
  it('lists every engine, with the reason if one is unavailable', async () => {
    const { code, stdout } = await unroll(['doctor', '--json'], { UNROLL_DATA: temporaryFolder() });
    const { healthy, findings } = JSON.parse(stdout);
    expect({ code, healthy }).toEqual({ code: 0, healthy: true });
    const engines = findings.filter(({ what }: any) => what.startsWith('engine '));
    expect(engines.map(({ what }: any) => what)).toEqual([
      'engine tensorflow',
      'engine webgpu',
      'engine native',
      'engine wasm',
      'engine cpu',
    ]);
    for (const { ok, detail, remedy } of engines) expect(ok || (detail.length > 0 && remedy.length > 0)).toBe(true);
  });

  it('exits with code 1 if a configured service does not answer', async () => {
    const { code, stdout } = await unroll(['doctor'], {
      UNROLL_DATA: temporaryFolder(),
      REDIS_URL: 'redis://127.0.0.1:1',
    });
    expect(stdout).toContain('127.0.0.1:1: ECONNREFUSED');
    expect(code).toBe(1);
  });
});

describe('unroll sweep submit --text', () => {
  it('shows the sweep that would take so long, as a file, without a stack', async () => {
    const path = join(folder, 'text.txt');
    const args = ['sweep', 'submit', '--text', path, '--minutes', '0.5', '--dry-run'];
    const { code, stdout, stderr } = await unroll(args, { UNROLL_DATA: join(folder, 'none') });
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/0\.5 minutes are about [\d,]+ updates/),
    });
    const { dataset, training } = parseDocument(stdout) as any;
    expect(dataset).toEqual({ path, kind: 'text' });
    expect(training.updates).toBe(Number(/about ([\d,]+) updates/.exec(stderr)![1]!.replaceAll(',', '')));
    expect(() => validate(sweepSpec, { ...(parseDocument(stdout) as object), dataset: 'text' })).not.toThrow();
  });
});

describe('unroll init', () => {
  it('writes a valid sweep, and never overwrites a file', async () => {
    const path = join(folder, 'written.yaml');
    expect((await unroll(['init', '-o', path])).code).toBe(0);
    expect(validate(sweepSpec, parseDocument(readFileSync(path, 'utf8'))).name).toBe('my-first-sweep');
    const again = await unroll(['init', '-o', path]);
    expect(again.stderr).toContain('already exists');
    expect(again.code).toBe(2);
  });
});

describe('completion', () => {
  /** What bash makes of a line on which Tab is pressed. */
  async function completed(line: string): Promise<string[]> {
    const words = line.split(' ');
    writeFileSync(join(folder, 'unroll'), `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`, { mode: 0o755 });
    const script = [
      `PATH="${folder}:$PATH"`,
      // Of the package bash-completion.
      '_get_comp_words_by_ref() { words=("${COMP_WORDS[@]}"); cword=$COMP_CWORD; cur=${words[cword]}; prev=${words[cword - 1]}; }',
      'compopt() { :; }',
      'source <(unroll completion bash)',
      `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; COMP_LINE='${line}'; COMP_POINT=${line.length}`,
      '__unroll_complete',
      'printf "%s\\n" "${COMPREPLY[@]}"',
    ].join('\n');
    const { stdout, stderr } = await ran(
      spawn('bash', ['-c', script], { cwd: folder, env: commandEnvironment({}), stdio: ['ignore', 'pipe', 'pipe'] }),
    );
    expect(stderr).toBe('');
    return stdout
      .split('\n')
      .filter(Boolean)
      .map((each) => each.trim().split(/\s/)[0]!);
  }

  it('in bash knows commands, options and names', async () => {
    expect(await completed('unroll sweep su')).toEqual(['submit']);
    expect(await completed('unroll trial show ')).toEqual(['best', 'last']);
    expect(await completed('unroll dataset add a b --kind f')).toEqual(['frames']);
    expect(await completed('unroll sweep submit --dr')).toEqual(['--dry-run']);
    expect(await completed('unroll init seq')).toEqual(['sequence-to-sequence', 'sequence-from-vector']);
    // Nothing is suggested for a file: bash completes it, by complete -o default.
    expect(await completed('unroll sweep submit my-')).toEqual([]);
  });

  it.each(['zsh', 'fish'])('has a script for %s', async (shell) => {
    const { code, stdout } = await unroll(['completion', shell]);
    expect(code).toBe(0);
    expect(stdout).toContain('unroll complete --');
  });
});
