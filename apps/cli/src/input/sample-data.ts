import { installation } from '@unroll/config';
import { tasks, type TaskKind } from '@unroll/contracts';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The file or folder of sample data that the first sweep of a task reads; undefined if it reads a built-in data set. */
export function sampleOf(task: TaskKind): string | undefined {
  const { dataset } = tasks[task].firstSweep;
  return typeof dataset === 'string' ? undefined : dataset.sample;
}

/** Writes the sample data of a task into a folder, as examples/generate.mjs makes them. Nothing there is overwritten. */
export async function writeSample(task: TaskKind, folder: string): Promise<void> {
  const sample = sampleOf(task)!;
  const draft = await mkdtemp(join(tmpdir(), 'unroll-sample-'));
  try {
    await promisify(execFile)(process.execPath, [join(installation, 'examples', 'generate.mjs'), draft]);
    await cp(join(draft, task, sample), join(folder, sample), { recursive: true, force: false, errorOnExist: true });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}
