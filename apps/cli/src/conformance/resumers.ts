import type { EngineName } from '@unroll/contracts';
import type { Resume } from '@unroll/training';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Resumed, ToResume } from './resume-process';

/** Processes that resume trainings, one for each engine, started when they are needed. They have no memory in common with this one. */
export class Resumers {
  private readonly children = new Map<EngineName, ChildProcess>();

  readonly resume: Resume = async (engine, combination, checkpoint) => {
    const child = this.child(engine);
    const answered = once(child, 'message') as Promise<[Resumed]>;
    const ended = once(child, 'exit').then(([code]) => {
      this.children.delete(engine);
      throw new Error(`the process that resumed it exited with ${code}`);
    });
    child.send({ engine, combination, checkpoint } satisfies ToResume);
    const [resumed] = await Promise.race([answered, ended]);
    ended.catch(() => undefined);
    if ('message' in resumed) throw new Error(`resumed, it fails: ${resumed.message}`);
    return resumed.training;
  };

  end(): void {
    for (const child of this.children.values()) child.disconnect();
  }

  private child(engine: EngineName): ChildProcess {
    const known = this.children.get(engine);
    if (known) return known;
    const child = fork(join(__dirname, 'resume-process.js'), [], { serialization: 'advanced' });
    this.children.set(engine, child);
    return child;
  }
}
