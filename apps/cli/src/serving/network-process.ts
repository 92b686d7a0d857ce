import type { ServedModel, StepAnswer, StepBody, Writing } from '@unroll/contracts';
import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { CommandFailed } from '../errors/command-failed';
import type { Inference, Predicted } from './inference';
import type { FromNetwork, Method, Start, ToNetwork } from './protocol';
import { Refused } from './refused';

interface Pending {
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
  onText?: ((piece: string) => void) | undefined;
}

/** Characters of its error output that are kept, to be shown where it ends by itself. */
const keptCharacters = 4000;

/**
 * A network in a process of its own. One that ends by itself is started again; what it was asked meanwhile is refused, and its sessions are
 * lost.
 */
export class NetworkProcess implements Inference {
  private child!: ChildProcess;
  private ready!: Promise<ServedModel>;
  private readonly pending = new Map<number, Pending>();
  private calls = 0;
  private isEnding = false;
  private isBroken!: (reason: string) => void;
  /** Resolves with the reason, one line, when it cannot be started again. */
  readonly broken = new Promise<string>((resolve) => (this.isBroken = resolve));

  private constructor(
    private readonly how: Omit<Start, 'type'>,
    private readonly say: (line: string) => void,
  ) {}

  /** Resolves once it answers. `say` is told when it is started again. @throws CommandFailed for a model that it cannot serve */
  static async start(
    how: Omit<Start, 'type'>,
    say: (line: string) => void,
  ): Promise<{ inference: NetworkProcess; served: ServedModel }> {
    const own = new NetworkProcess(how, say);
    own.open();
    return { inference: own, served: await own.ready };
  }

  predict(requests: readonly (readonly unknown[])[]): Promise<Predicted[]> {
    return this.call('predict', [requests]);
  }

  generate(request: Writing & { prompt: string }, onText: (piece: string) => void, signal: AbortSignal): Promise<void> {
    return this.call('generate', [request], { onText, signal });
  }

  openSession(): Promise<string> {
    return this.call('openSession', []);
  }

  step(id: string, body: StepBody, signal: AbortSignal): Promise<StepAnswer> {
    return this.call('step', [id, body], { signal });
  }

  endSession(id: string): Promise<void> {
    return this.call('endSession', [id]);
  }

  sessionCount(): Promise<number> {
    return this.call('sessionCount', []);
  }

  /** Ends it. */
  end(): void {
    this.isEnding = true;
    this.child.disconnect();
  }

  private async call<Value>(
    method: Method,
    given: unknown[],
    { onText, signal }: { onText?: (piece: string) => void; signal?: AbortSignal } = {},
  ): Promise<Value> {
    await this.ready;
    // Who has gone while it was started again is not worked for.
    signal?.throwIfAborted();
    const id = this.calls++;
    const cancel = (): void => void this.send({ type: 'cancel', id });
    signal?.addEventListener('abort', cancel);
    try {
      return await new Promise<Value>((resolve, reject) => {
        // What a method gives is what `Inference` says: the same code is at the other end.
        this.pending.set(id, { resolve: (value) => resolve(value as Value), reject, onText });
        this.send({ type: 'call', id, method, arguments: given });
      });
    } finally {
      this.pending.delete(id);
      signal?.removeEventListener('abort', cancel);
    }
  }

  private send(message: ToNetwork): void {
    // One that has ended gets no message: `close` refuses what it was asked.
    if (this.child.connected) this.child.send(message, () => undefined);
  }

  private open(): void {
    const child = fork(join(__dirname, 'network-main.js'), {
      // What it prints comes from native libraries, or is why it crashed.
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      // Numbers may be NaN, and the model's file is binary.
      serialization: 'advanced',
    });
    this.child = child;
    let printed = '';
    child.stderr?.on('data', (data: Buffer) => (printed = (printed + data.toString()).slice(-keptCharacters)));
    this.ready = new Promise((resolve, reject) => {
      child.on('message', (message: FromNetwork) => {
        if (message.type === 'ready') resolve(message.served);
        else if (message.type === 'unavailable') reject(new CommandFailed(message.message, 2));
        else this.heard(message);
      });
      child.on('close', (code, signal) => {
        const how = signal ? `was ended by ${signal}` : `exited with ${code}`;
        reject(new CommandFailed(`the network's process ${how} before it was ready: ${printed.trim().slice(-400)}`));
        this.closed(how, printed);
      });
    });
    // Who calls meanwhile is told.
    this.ready.catch(() => undefined);
    this.send({ type: 'start', ...this.how });
  }

  private closed(how: string, printed: string): void {
    for (const { reject } of this.pending.values())
      reject(new Refused(503, 'the network was started again while it worked on this; try again'));
    this.pending.clear();
    if (this.isEnding) return;
    void this.ready.then(
      () => {
        this.say(`the network's process ${how}, and is started again. ${printed.trim()}`.trim());
        this.open();
      },
      (error: Error) => this.isBroken(error.message),
    );
  }

  private heard(message: Exclude<FromNetwork, { type: 'ready' | 'unavailable' }>): void {
    const call = this.pending.get(message.id);
    if (message.type === 'piece') call?.onText?.(message.text);
    else if (message.type === 'result') call?.resolve(message.value);
    else if (message.type === 'refused') call?.reject(new Refused(message.status, message.message, message.errors));
    else call?.reject(new Error(message.message));
  }
}
