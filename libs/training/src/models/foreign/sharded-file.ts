import { readTensorEntries } from '../safetensors';
import type { ReadBeside } from './onnx-file';
import type { ForeignTensors } from './tensors';
import { readSafetensors } from './torch-file';

/**
 * Which file has each tensor, of an index that Hugging Face's libraries write beside several safetensors files
 * (model.safetensors.index.json); undefined for another file.
 */
export function shardsOf(file: Uint8Array): Readonly<Record<string, string>> | undefined {
  if (!/^\s*\{/.test(Buffer.from(file.subarray(0, 64)).toString('latin1'))) return undefined;
  try {
    const { weight_map: map } = JSON.parse(Buffer.from(file).toString('utf8')) as {
      weight_map?: Record<string, string>;
    };
    return map;
  } catch {
    return undefined;
  }
}

/** All tensors of the files of an index. Throws Error with one line for a file or tensor that is missing. */
export async function readShards(
  shards: Readonly<Record<string, string>>,
  beside: ReadBeside | undefined,
): Promise<ForeignTensors> {
  if (!beside) throw new Error('names its files, which are not beside it: give it as a file in their folder');
  const all = new Map<string, ForeignTensors>();
  for (const name of new Set(Object.values(shards))) {
    if (/[/\\]/.test(name)) throw new Error(`names the file ${name}, which is in another folder`);
    all.set(name, readSafetensors(readTensorEntries(await beside(name)).tensors));
  }
  return new Map(
    Object.entries(shards).map(([tensor, name]) => {
      const found = all.get(name)!.get(tensor);
      if (!found) throw new Error(`${name}: has no ${tensor}, which its index says`);
      return [tensor, found];
    }),
  );
}

/** Refuses one of several files, which has a part of a network's layers or of their biases. Throws Error with one line. */
export function requireNoShard(name: string): void {
  const [, own, of] = /-(\d{5})-of-(\d{5})\.safetensors$/.exec(name) ?? [];
  if (own !== undefined && Number(of) > 1)
    throw new Error(
      `is file ${Number(own)} of ${Number(of)}: give their index, ${name.replace(/^.*[/\\]|-\d{5}-of-\d{5}(?=\.safetensors$)/g, '')}.index.json`,
    );
}
