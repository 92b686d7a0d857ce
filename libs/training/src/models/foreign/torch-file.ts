import { unzipSync } from 'fflate';
import { Parser } from 'pickleparser';
import { rowMajor, valuesAt, type ForeignTensor, type ForeignTensors } from './tensors';

/** What a `torch.FloatStorage` and so on holds, by safetensors' name of the type. */
const storages: Readonly<Record<string, string>> = {
  DoubleStorage: 'F64',
  FloatStorage: 'F32',
  HalfStorage: 'F16',
  BFloat16Storage: 'BF16',
  LongStorage: 'I64',
  IntStorage: 'I32',
  ShortStorage: 'I16',
  CharStorage: 'I8',
  ByteStorage: 'U8',
  BoolStorage: 'BOOL',
};

interface Storage {
  dtype: string;
  key: string;
}

/** A tensor as the pickle describes it. */
class PickledTensor {
  constructor(
    readonly storage: Storage,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
    /** Whether its values are those of the storage times −1, as of the imaginary part of a conjugate. */
    readonly isNegated: boolean,
  ) {}
}

/** Numbers that must be whole and not negative. */
function wholes(value: unknown): number[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (!list.every((each) => Number.isSafeInteger(each) && Number(each) >= 0)) throw new Error('a tensor has no shape');
  return list as number[];
}

/** The arguments of torch._utils._rebuild_tensor_v2: after gradients and hooks, a dictionary where a view is negated. */
function rebuildTensor(...[storage, offset, shape, strides, , , about]: unknown[]): PickledTensor {
  const { dtype, key } = Object(storage) as Partial<Storage>;
  if (dtype === undefined || key === undefined) throw new Error('a tensor has no storage');
  const [sizes, steps] = [wholes(shape), wholes(strides)];
  if (sizes.length !== steps.length) throw new Error('a tensor has other strides than its shape');
  const isNegated = about instanceof Map && about.get('neg') === true;
  return new PickledTensor({ dtype, key }, wholes(offset)[0]!, sizes, steps, isNegated);
}

/**
 * The names that a state_dict's pickle may use, and what they build: data of ours. No code of the file is run, and no other
 * name is looked up.
 */
const allowed: Readonly<Record<string, (...given: unknown[]) => unknown>> = {
  'collections.OrderedDict': () => new Map(),
  'torch._utils._rebuild_tensor_v2': rebuildTensor,
  'torch._utils._rebuild_parameter': (tensor) => tensor,
  'torch.Size': (sizes) => sizes,
};

function resolve(module: string, name: string): (...given: unknown[]) => unknown {
  const path = `${module}.${name}`;
  const dtype = storages[name];
  if (module === 'torch' && dtype !== undefined) return Object.assign(() => undefined, { dtype });
  if (Object.hasOwn(allowed, path)) return allowed[path]!;
  throw new Error(
    `holds ${path}, and only tensors are read: save module.state_dict() with torch.save, not the module itself`,
  );
}

/** What a storage's persistent id says: ('storage', type, key, location, size). */
function storageOf(id: unknown): Storage {
  const [kind, type, key] = Array.isArray(id) ? (id as unknown[]) : [];
  const dtype = (type as { dtype?: unknown } | undefined)?.dtype;
  if (kind !== 'storage' || typeof dtype !== 'string' || typeof key !== 'string')
    throw new Error('names a storage that is not a tensor’s');
  return { dtype, key };
}

/** The tensors of nested dictionaries, under their keys joined by points. */
function* tensorsIn(node: unknown, path: readonly string[] = []): Generator<[string, PickledTensor]> {
  if (node instanceof PickledTensor) yield [path.join('.'), node];
  else if (node instanceof Map) for (const [key, child] of node) yield* tensorsIn(child, [...path, String(key)]);
}

/** What a pickle holds. The parser refuses whole numbers of more than 8 bytes, as seeds of 64 bits in checkpoints are. */
function unpickled(parser: Parser, pickle: Uint8Array): unknown {
  try {
    return parser.parse(pickle);
  } catch (error) {
    const { message } = error as Error;
    if (!message.startsWith('Value too large')) throw error;
    throw new Error('holds a whole number of more than 63 bits, such as a seed: save module.state_dict() alone', {
      cause: error,
    });
  }
}

/**
 * The tensors of a file that `torch.save` wrote (a zip archive, PyTorch 1.6 and later): a state_dict, or dictionaries with
 * some inside, whose keys are joined by points. The pickle is only read as data: a name that does not belong to tensors
 * refuses the file. Throws Error with one line.
 */
export function readTorchFile(file: Uint8Array): ForeignTensors {
  const entries = new Map(Object.entries(unzipSync(file)));
  const pickleName = [...entries.keys()].find((name) => /(^|\/)data\.pkl$/.test(name));
  if (pickleName === undefined) throw new Error('not a file of torch.save: it has no data.pkl');
  const folder = pickleName.slice(0, -'data.pkl'.length);
  const byteOrder = entries.get(`${folder}byteorder`);
  if (byteOrder && new TextDecoder().decode(byteOrder).trim() !== 'little')
    throw new Error('has big-endian numbers: save it on a little-endian machine');
  const parser = new Parser({
    unpicklingTypeOfDictionary: 'Map',
    nameResolver: { resolve },
    persistentResolver: { resolve: storageOf },
  });
  const root = unpickled(parser, entries.get(pickleName)!);
  return new Map(
    [...tensorsIn(root)].map(([name, { storage, isNegated, ...place }]): [string, ForeignTensor] => [
      name,
      {
        shape: place.shape,
        values: () => {
          const bytes = entries.get(`${folder}data/${storage.key}`);
          if (!bytes) throw new Error(`${name}: its values are missing`);
          const values = valuesAt(name, { dtype: storage.dtype, bytes, ...place });
          return isNegated ? values.map((value) => -value) : values;
        },
      },
    ]),
  );
}

/** The tensors of a safetensors file, of any type of number. `entries`: from its header. */
export const readSafetensors = (
  entries: readonly { name: string; dtype: string; shape: readonly number[]; bytes: Uint8Array }[],
): ForeignTensors =>
  new Map(
    entries.map(({ name, dtype, shape, bytes }) => [
      name,
      { shape, values: () => valuesAt(name, { dtype, bytes, shape, offset: 0, strides: rowMajor(shape) }) },
    ]),
  );
