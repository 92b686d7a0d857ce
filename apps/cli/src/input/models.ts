import type { ModelHeader, RegisteredModel } from '@unroll/contracts';
import {
  isForeign,
  readForeignLayers,
  readModel,
  requireNoShard,
  type Model,
  type RecurrentLayers,
} from '@unroll/training';
import { existsSync, statSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { call, download } from '../api/client';
import { CommandFailed } from '../errors/command-failed';

/** Help text of the argument that names a model. */
export const modelArgument =
  'a trial of the running stack (its id, best, SWEEP:best or last), a registered model (NAME@ALIAS, NAME:VERSION, or NAME for its ' +
  'newest version), or a .safetensors file';

/** Whether an argument names a file rather than a trial. A folder of the name of a registered model does not hide it. */
const isFile = (name: string): boolean =>
  /\.safetensors$/.test(name) || (existsSync(name) && !statSync(name).isDirectory());

/** The bytes of a model file, or of a trial's model. @throws CommandFailed */
const readBytes = (name: string): Promise<Uint8Array> => (isFile(name) ? readBytesOf(name) : downloadModel(name));

/** @throws CommandFailed */
async function readBytesOf(path: string): Promise<Uint8Array> {
  return readFile(path).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'ENOENT' ? 'no such file' : `cannot be read (${error.code})`;
    throw new CommandFailed(`${path}: ${why}`, 2);
  });
}

/** The trial whose model NAME@ALIAS or NAME:VERSION is; undefined for another name. @throws CommandFailed for one that is not there */
async function registeredTrial(given: string): Promise<string | undefined> {
  const [, name, alias, version] = /^([^@:]+)(?:@([^@:]+)|:(\d+))$/.exec(given) ?? [];
  if (name === undefined) return undefined;
  const { versions } = await call<RegisteredModel>(`/v1/models/${encodeURIComponent(name)}`);
  const found = versions.find((each) =>
    alias === undefined ? each.version === Number(version) : each.aliases.includes(alias),
  );
  if (found) return found.trialId;
  const there = versions.map((each) => (alias === undefined ? String(each.version) : each.aliases)).flat();
  throw new CommandFailed(
    `the model ${name} has no ${alias === undefined ? `version ${version}` : `alias ${alias}`}; there are ${there.join(', ') || 'none'}`,
    2,
  );
}

/** An answer, or undefined where there is nothing of that name. @throws CommandFailed where that is not known */
const orNothing = <Answer>(answer: Promise<Answer>): Promise<Answer | undefined> =>
  answer.catch((error: unknown) => {
    if (error instanceof CommandFailed && error.exitCode === 2) return undefined;
    throw error;
  });

/** The trial of the newest version of a name; undefined where no model has it. @throws CommandFailed where that is not known */
async function newestRegistered(name: string): Promise<string | undefined> {
  const model = await orNothing(call<RegisteredModel>(`/v1/models/${encodeURIComponent(name)}`));
  return model?.versions[0]?.trialId;
}

/** Trials by what they are, whatever is registered under these names. */
const trialsByPlace = new Set(['best', 'last']);

/** What may be the whole id of a trial, which no other id begins with. */
const wholeId = /^[a-z\d]{8}$/;

/** The model of a trial, or of a registered model, in the running stack. @throws CommandFailed */
async function downloadModel(name: string): Promise<Uint8Array> {
  const trial = await registeredTrial(name);
  if (trial !== undefined) return downloadTrial(trial);
  // A trial by its whole id has nothing to do with what is registered, nor with whether that can be asked.
  const whole = wholeId.test(name) ? await orNothing(downloadTrial(name)) : undefined;
  if (whole) return whole;
  // A name comes before the ids that begin with it: a short one would otherwise be another model from some trial on.
  const isName = /^[\w.-]+$/.test(name) && !trialsByPlace.has(name);
  return downloadTrial((isName ? await newestRegistered(name) : undefined) ?? name);
}

/** The model of a trial, whole. @throws CommandFailed, also where the connection breaks before its end */
export async function downloadTrial(id: string): Promise<Uint8Array> {
  const content = await download(`/v1/trials/${encodeURIComponent(id)}/model`);
  const whole = await new Response(content).arrayBuffer().catch((error: Error) => {
    throw new CommandFailed(`the model of trial ${id} did not arrive whole (${error.message}): try again`);
  });
  return new Uint8Array(whole);
}

/** The model of a file or a trial. @throws CommandFailed if it is missing or cannot be read */
export async function openModel(name: string): Promise<Model & { bytes: Uint8Array }> {
  const bytes = await readBytes(name);
  return naming(name, () => ({ ...readModel(bytes), bytes }));
}

/** @throws CommandFailed for a model of whose own data nothing is held out to measure it on; `option` gives other data */
export function requireHeldOut({ trainedOnAll, spec }: ModelHeader, option: string): void {
  if (!trainedOnAll) return;
  throw new CommandFailed(
    `the model was trained on all of ${spec.dataset.name}, and nothing of it is held out: pass other data with their targets with ${option}`,
    2,
  );
}

/** Says which file a reader refused. @throws CommandFailed */
async function naming<Result>(name: string, read: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    throw new CommandFailed(`${name}: ${(error as Error).message}`, 2);
  }
}

/** Reads files in the folder of another. */
const besideOf =
  (path: string) =>
  (name: string): Promise<Uint8Array> =>
    readBytesOf(join(dirname(path), name));

/**
 * A file whose weights a trial starts from: a model, or recurrent layers of another library, by their names there. @throws CommandFailed
 */
export async function openFileToStartFrom(
  path: string,
  modules: readonly string[] | undefined,
): Promise<{ model: Model } | { layers: RecurrentLayers }> {
  const bytes = await readBytesOf(path);
  return naming(path, async () => {
    requireNoShard(path);
    if (isForeign(bytes)) return { layers: await readForeignLayers(bytes, modules, besideOf(path)) };
    if (modules)
      throw new Error('is a model of Unroll: training.initFrom.modules is for files of PyTorch, Keras and ONNX');
    return { model: readModel(bytes) };
  });
}

/** Writes a command's output file. @throws CommandFailed if it cannot be written */
export async function writeOutput(path: string, content: Uint8Array): Promise<void> {
  await writeFile(path, content).catch((error: NodeJS.ErrnoException) => {
    throw new CommandFailed(`${path}: cannot be written (${error.code ?? error.message})`);
  });
}
