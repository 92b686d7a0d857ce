import { Logger } from '@nestjs/common';
import type { Config } from '@unroll/config';
import type { DeviceMemory } from '@unroll/contracts';
import { fork, type ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import {
  deviceBrokenExitCode,
  type FromTrainer,
  type JoinCommand,
  type ToTrainer,
  type TrainCommand,
} from './trainer/protocol';

/** An engine that cannot be opened on this machine. The message is one line. */
export class EngineUnavailable extends Error {
  override readonly name = 'EngineUnavailable';
}

/** Lines of a trainer's error output that are kept for the log of its attempts. */
const keptLines = 30;
/** Characters kept per line. */
const keptCharacters = 400;
/** Megabytes of each semi-space of a trainer's young generation: twice as many took no less time, and 17 MiB more. */
const youngMegabytes = 8;
/**
 * Of a trainer's V8. Its garbage is collected by the thread that trains: there is a trainer for each core, so that helpers would only take
 * time from the others, a fifth of all for small networks.
 */
const engineFlags = [`--max-semi-space-size=${youngMegabytes}`, '--single-threaded-gc'];

/** Injection token of the trainers of a worker. */
export const workerTrainers = Symbol('WorkerTrainers');

interface Events {
  message: [FromTrainer];
  /** Why it exited, and the last lines of its error output. */
  exit: [reason: string, log: string];
}

/**
 * A trainer: a child process in its own session, kept warm, that trains one group at a time. Training never runs in the process that holds
 * the leases.
 */
export class TrainerProcess extends EventEmitter<Events> {
  engine = '';
  device = '';
  memory: DeviceMemory | undefined;
  private readonly logger = new Logger(TrainerProcess.name);
  private child: ChildProcess | undefined;
  private starting: Promise<void> | undefined;
  private lines: string[] = [];

  constructor(
    private readonly engineName: string,
    private readonly artifactsUrl: string,
  ) {
    super();
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Starts the process, unless it is running, and waits until its engine is open. @throws EngineUnavailable */
  start(): Promise<void> {
    return (this.starting ??= this.begin());
  }

  private begin(): Promise<void> {
    this.lines = [];
    this.engine = '';
    const child = fork(join(__dirname, 'trainer', 'main.js'), [this.engineName, this.artifactsUrl], {
      detached: true,
      // An update makes many short-lived objects: a larger young generation collects them less often.
      execArgv: [...process.execArgv, ...engineFlags],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // A metric may be NaN or infinite, which JSON has not.
      serialization: 'advanced',
    });
    this.child = child;
    // It speaks by messages: what it prints comes from native libraries, or is why it crashed.
    child.stdout?.on('data', (data: Buffer) => this.heard(data));
    child.stderr?.on('data', (data: Buffer) => {
      this.lines = [...this.lines, ...this.heard(data)].slice(-keptLines);
    });
    return new Promise((resolve, reject) => {
      const take = (message: FromTrainer): void => {
        if (message.type === 'ready') {
          this.engine = message.engine;
          this.device = message.device;
          this.memory = message.memory;
          resolve();
        } else if (message.type === 'unavailable') reject(new EngineUnavailable(message.message));
        else this.emit('message', message);
      };
      child.on('message', (messages: FromTrainer[]) => messages.forEach(take));
      child.on('error', (error) => {
        this.starting = undefined;
        reject(error);
      });
      child.on('close', (code, signal) => {
        this.child = undefined;
        this.starting = undefined;
        const end = signal ? `was killed by ${signal}` : `exited with ${code}`;
        const broken = code === deviceBrokenExitCode ? this.lines.at(-1) : undefined;
        const reason = broken ?? `the trainer ${end}`;
        reject(new EngineUnavailable([reason, ...this.lines].join(': ')));
        this.emit('exit', reason, this.lines.join('\n'));
      });
    });
  }

  /** Sends a group to train. Returns false if the process has exited. */
  train(command: TrainCommand): boolean {
    return this.send(command);
  }

  /** Sends more lanes for the group that it trains. Returns false if the process has exited. */
  join(command: JoinCommand): boolean {
    return this.send(command);
  }

  prune(attemptIds: string[]): void {
    this.send({ type: 'prune', attemptIds });
  }

  cancel(attemptIds: string[]): void {
    this.send({ type: 'cancel', attemptIds });
  }

  /** Asks for a checkpoint of every lane and the end of the group. */
  drain(): void {
    this.send({ type: 'drain' });
  }

  /** Kills the process; `exit` follows. */
  kill(): void {
    this.child?.kill('SIGKILL');
  }

  /** Logs what it printed, and returns the lines. */
  private heard(data: Buffer): string[] {
    const lines = data
      .toString()
      .split('\n')
      .filter((line) => line.trim())
      .map((line) => line.slice(0, keptCharacters));
    for (const line of lines) this.logger.debug({ trainer: this.pid }, line);
    return lines;
  }

  private send(message: ToTrainer): boolean {
    if (!this.child?.connected) return false;
    this.child.send(message);
    return true;
  }
}

/**
 * Trainers of a worker, which begin to load. Why one cannot is told where it is started again, as every worker does that has joined the
 * fleet.
 */
export function beginTrainers({ engine, slots, artifactsUrl }: Pick<Config, 'engine' | 'slots' | 'artifactsUrl'>) {
  const trainers = Array.from({ length: slots }, () => new TrainerProcess(engine, artifactsUrl));
  for (const trainer of trainers) trainer.start().catch(() => undefined);
  return trainers;
}
