import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { mayHaveGpu } from './gpu-drivers';

/** The commands that open an engine in their own process. */
const commands = ['train', 'verify', 'generate', 'predict', 'evaluate', 'export', 'compress', 'doctor'];
/** Lines that are kept, to be shown where the process crashes. */
const keptLines = 30;
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The engine that the arguments name, as `--engine webgpu` or `--engine=webgpu`. */
function namedEngine(args: readonly string[]): string | undefined {
  const at = args.findIndex((each) => each.startsWith('--engine'));
  return at < 0 ? undefined : args[at]!.includes('=') ? args[at]!.split('=')[1] : args[at + 1];
}

/**
 * Whether a command may load a GPU's driver, which prints what it likes to the outputs of its process: Dawn, Mesa and the
 * loader of Vulkan have no option against it.
 */
export const mayLoadDriver = ([command = '', ...args]: readonly string[]): boolean =>
  commands.includes(command) &&
  ['auto', 'webgpu'].includes(namedEngine(args) ?? 'auto') &&
  (mayHaveGpu() || args.some((each) => each.startsWith('--gpu')));

/**
 * Starts a program of this folder in a process of its own, whose outputs 1 and 2 belong to native libraries, and whose words go to
 * `speaksTo`, its outputs 3 and 4. `heard` is told of each line of a library.
 */
export function startApart(
  program: string,
  args: readonly string[],
  speaksTo: readonly ['pipe' | number, number],
  heard: (line: string) => void,
) {
  const child = spawn(process.execPath, [...process.execArgv, join(__dirname, program), ...args], {
    stdio: ['inherit', 'pipe', 'pipe', ...speaksTo, 'ipc'],
    // Its signals come from here, so that it gets each one once.
    detached: true,
  });
  for (const output of child.stdio.slice(1, 3) as Readable[])
    createInterface({ input: output }).on('line', (line) => line.trim() && heard(line));
  return child;
}

/**
 * Runs the command in a process apart, and ends as it ends. What libraries print is shown with UNROLL_LOG_LEVEL=debug, and where the
 * process crashes: not where it ends by a signal that was sent to it from here, such as that of Ctrl+C.
 */
export function runApart(args: readonly string[]): void {
  // Read without the configuration, which takes a tenth of a second to load, and which the other process checks.
  const debug = process.env.UNROLL_LOG_LEVEL === 'debug';
  const kept: string[] = [];
  const child = startApart('apart.js', args, [1, 2], (line) => {
    if (debug) process.stderr.write(`debug: ${line}\n`);
    kept.push(line);
    if (kept.length > keptLines) kept.shift();
  });
  const sent = new Set<NodeJS.Signals>();
  for (const signal of signals)
    process.on(signal, () => {
      sent.add(signal);
      child.kill(signal);
    });
  child.on('close', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    if (sent.has(signal)) {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
      return;
    }
    if (!debug) kept.forEach((line) => process.stderr.write(`${line}\n`));
    process.stderr.write(`unroll: its process was ended by ${signal}\n`);
    process.exit(1);
  });
}
