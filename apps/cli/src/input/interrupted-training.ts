import type { TrialSpec } from '@unroll/contracts';
import { CheckpointUnreadable, readCheckpoint, writeCheckpoint, type Checkpoint } from '@unroll/training';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { CommandFailed } from '../errors/command-failed';
import { writeOutput } from './models';

/** What an interrupted `unroll train` leaves: its checkpoints, by seed, and what they are of. */
export interface InterruptedTraining {
  spec: TrialSpec;
  fingerprint: string;
  engine: string;
  checkpoints: ReadonlyMap<number, Checkpoint>;
}

const format = 'unroll interrupted training';
const longestHeader = 1_000_000;

interface Header extends Omit<InterruptedTraining, 'checkpoints'> {
  format: string;
  lanes: { seed: number; bytes: number }[];
}

/** The file beside a trial file that keeps its interrupted training: trial.yaml has trial.checkpoint. */
export const checkpointFile = (trialFile: string): string =>
  join(dirname(trialFile), `${basename(trialFile, extname(trialFile))}.checkpoint`);

/** Writes an interrupted training: a line of JSON, then the checkpoints one after another. @throws CommandFailed */
export async function writeInterrupted(path: string, { checkpoints, ...about }: InterruptedTraining): Promise<void> {
  const files = [...checkpoints].map(([seed, checkpoint]) => ({ seed, bytes: writeCheckpoint(checkpoint) }));
  const lanes = files.map(({ seed, bytes }) => ({ seed, bytes: bytes.length }));
  const header: Header = { format, ...about, lanes };
  await writeOutput(
    path,
    Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), ...files.map((each) => each.bytes)]),
  );
}

/** The path at which two specifications differ first; undefined if they are equal. */
function firstDifference(one: unknown, other: unknown, path = ''): string | undefined {
  if (isDeepStrictEqual(one, other)) return undefined;
  const [a, b] = [one, other].map((each) => (typeof each === 'object' && each !== null ? each : undefined));
  if (!a || !b) return path;
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  const at = (object: object, key: string): unknown => (object as Record<string, unknown>)[key];
  const key = keys.find((each) => !isDeepStrictEqual(at(a, each), at(b, each)));
  return key === undefined ? path : firstDifference(at(a, key), at(b, key), path ? `${path}.${key}` : key);
}

/**
 * The checkpoints of an interrupted training, by seed, from which a training of `spec` continues with the numbers of one that was never
 * interrupted. @throws CommandFailed for a file that is missing or damaged, or of another trial or other data
 */
export async function readInterrupted(
  path: string,
  { spec, fingerprint }: Pick<InterruptedTraining, 'spec' | 'fingerprint'>,
): Promise<InterruptedTraining> {
  if (!existsSync(path)) throw new CommandFailed(`--resume: there is no ${path}: the training was not interrupted`, 2);
  const refuse = (why: string): CommandFailed => new CommandFailed(`${path}: ${why}`, 2);
  const { header, body } = parse(await readFile(path)) ?? {};
  if (!header || !body) throw refuse('is no checkpoint of "unroll train"');
  const other = firstDifference(JSON.parse(JSON.stringify(spec)), header.spec);
  if (other !== undefined)
    throw refuse(`is of a trial with another ${other}: restore it, or train from the start without --resume`);
  if (header.fingerprint !== fingerprint) throw refuse('is of other data: train from the start without --resume');
  let at = 0;
  const checkpoints = new Map<number, Checkpoint>();
  try {
    for (const { seed, bytes } of header.lanes) checkpoints.set(seed, readCheckpoint(body.subarray(at, (at += bytes))));
  } catch (error) {
    if (error instanceof CheckpointUnreadable) throw refuse(error.message);
    throw error;
  }
  const { engine } = header;
  return { spec, fingerprint, engine, checkpoints };
}

function parse(file: Buffer): { header: Header; body: Buffer } | undefined {
  const end = file.subarray(0, longestHeader).indexOf('\n');
  try {
    const header = JSON.parse(file.subarray(0, Math.max(0, end)).toString()) as Header;
    return header.format === format ? { header, body: file.subarray(end + 1) } : undefined;
  } catch {
    return undefined;
  }
}

/** Removes the checkpoint of a training that has ended. */
export const removeInterrupted = (path: string): Promise<void> => rm(path, { force: true });
