import { fork, type ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import type { FromWriter, WriteCommand } from './writer/protocol';

/** Characters of its error output that are kept: they may tell why it ended. */
const keptCharacters = 400;

interface Events {
  piece: [id: string, piece: string];
  /** A text has ended; `message`: why it failed. */
  end: [id: string, message: string | undefined];
}

/**
 * The writer: a child process that answers prompts, one at a time, apart from the trainers. It is started for the first prompt, and keeps
 * the models that were asked last.
 */
export class WriterProcess extends EventEmitter<Events> {
  private child: ChildProcess | undefined;
  private writing: string | undefined;
  private lastWords = '';

  constructor(
    private readonly engineName: string,
    private readonly artifactsUrl: string,
  ) {
    super();
  }

  get isOpen(): boolean {
    return this.child !== undefined;
  }

  /** Sends a command, once the process is there. @throws Error with one line if it cannot be started */
  async write(command: WriteCommand): Promise<void> {
    if (!this.child) await this.start();
    if (!this.child) throw new Error('the process that writes has ended');
    this.writing = command.id;
    this.child.send(command);
  }

  stop(id: string): void {
    if (this.child?.connected) this.child.send({ type: 'stop', id });
  }

  kill(): void {
    this.child?.kill('SIGKILL');
  }

  private start(): Promise<void> {
    const child = fork(join(__dirname, 'writer', 'main.js'), [this.engineName, this.artifactsUrl], {
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.child = child;
    child.stderr?.on('data', (data: Buffer) => (this.lastWords = data.toString().trim().slice(-keptCharacters)));
    return new Promise((resolve, reject) => {
      child.on('message', (message: FromWriter) => {
        if (message.type === 'ready') resolve();
        else if (message.type === 'unavailable') reject(new Error(message.message));
        else if (message.type === 'piece') this.emit('piece', message.id, message.piece);
        else this.end(message.id, message.message);
      });
      child.on('error', reject);
      child.on('close', (code, signal) => {
        if (this.child === child) this.child = undefined;
        const why = `the process that writes ${signal ? `was killed by ${signal}` : `exited with ${code}`}`;
        const message = this.lastWords ? `${why}: ${this.lastWords.split('\n').at(-1)!}` : why;
        reject(new Error(message));
        if (this.writing !== undefined) this.end(this.writing, `${message}; ask again`);
      });
    });
  }

  private end(id: string, message: string | undefined): void {
    if (this.writing === id) this.writing = undefined;
    this.emit('end', id, message);
  }
}
