import type { EngineName } from '@unroll/contracts';
import type { Resume } from '@unroll/training';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Resumed, ToResume } from './resume-process';

interface Resumer {
  child: ChildProcess;
  /** Rejects when the process exits. */
  ended: Promise<never>;
}

/** Processes that resume trainings, one for each engine, started when they are needed. They have no memory in common with this one. */
export class Resumers {
  private readonly resumers = new Map<EngineName, Resumer>();

  readonly resume: Resume = async (engine, combination, checkpoint) => {
    const { child, ended } = this.resumers.get(engine) ?? this.start(engine);
    const listening = new AbortController();
    const answered = once(child, 'message', { signal: listening.signal }) as Promise<[Resumed]>;
    child.send({ engine, combination, checkpoint } satisfies ToResume);
    try {
      const [resumed] = await Promise.race([answered, ended]);
      if ('message' in resumed) throw new Error(`resumed, it fails: ${resumed.message}`);
      return resumed.training;
    } finally {
      answered.catch(() => undefined);
      listening.abort();
    }
  };

  end(): void {
    for (const { child } of this.resumers.values()) child.disconnect();
  }

  private start(engine: EngineName): Resumer {
    const child = fork(join(__dirname, 'resume-process.js'), [], { serialization: 'advanced' });
    const ended = once(child, 'exit').then(([code]) => {
      this.resumers.delete(engine);
      throw new Error(`the process that resumed it exited with ${code}`);
    });
    // Nobody may be waiting.
    ended.catch(() => undefined);
    const resumer = { child, ended };
    this.resumers.set(engine, resumer);
    return resumer;
  }
}
