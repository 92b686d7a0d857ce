import { heldArgument, type Release } from '@unroll/config';
import { fork, type ChildProcess } from 'node:child_process';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CommandFailed } from '../errors/command-failed';

/** Milliseconds from SIGTERM to SIGKILL. */
const patience = 10_000;

/**
 * Megabytes of each semi-space of the young generation. Both processes allocate little once they have started, and V8 keeps what their
 * start took: with its 16 MB, they hold 70 MB more.
 */
const youngMegabytes = 4;

type Ready = { type: 'ready'; port?: number } | { type: 'failed'; message: string; code?: string };

type Left = { type: 'left'; reason: string };

/** A process of the stack. */
export class Part {
  readonly child: ChildProcess;
  readonly ended: Promise<string>;
  /** Why it has left by itself, if it has. */
  left: string | undefined;

  /** `held`: it loads, and begins once it is released. */
  constructor(
    readonly name: 'api' | 'worker',
    environment: NodeJS.ProcessEnv,
    logFolder: string,
    held = false,
  ) {
    const log = openSync(join(logFolder, `${name}.log`), 'a');
    const entry = join(__dirname, '..', '..', '..', name, 'src', 'main.js');
    this.child = fork(entry, held ? [heldArgument] : [], {
      env: environment,
      execArgv: [...process.execArgv, `--max-semi-space-size=${youngMegabytes}`],
      detached: true,
      stdio: ['ignore', log, log, 'ipc'],
    });
    this.child.on(
      'message',
      (message: Ready | Left) => (this.left = message.type === 'left' ? message.reason : undefined),
    );
    this.ended = new Promise((resolve) =>
      this.child.on('close', (code, signal) =>
        resolve(`the ${name} exited (${signal ?? `exit code ${code}`}); see ${join(logFolder, `${name}.log`)}`),
      ),
    );
  }

  /** Lets a process that was held begin, with what its environment lacks. */
  release(environment: Release['environment']): void {
    // That it has ended is told by `ended`.
    this.child.send({ environment } satisfies Release, () => undefined);
  }

  /** Resolves with the process's ready message. @throws CommandFailed with its own message if it failed to start */
  async ready(): Promise<{ port?: number }> {
    const said = new Promise<Ready>((resolve) => this.child.once('message', (message) => resolve(message as Ready)));
    const first = await Promise.race([said, this.ended]);
    if (typeof first === 'string') throw new CommandFailed(first);
    if (first.type === 'failed') throw new CommandFailed(first.message, 2);
    return first;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGTERM');
    const late = new AbortController();
    const killing = sleep(patience, undefined, { signal: late.signal }).then(
      () => this.child.kill('SIGKILL'),
      () => undefined,
    );
    await this.ended;
    late.abort();
    await killing;
  }
}
