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
  ) {}
}

/** Numbers that must be whole and not negative. */
function wholes(value: unknown): number[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (!list.every((each) => Number.isSafeInteger(each) && Number(each) >= 0)) throw new Error('a tensor has no shape');
  return list as number[];
}

function rebuildTensor(storage: unknown, offset: unknown, shape: unknown, strides: unknown): PickledTensor {
  const { dtype, key } = Object(storage) as Partial<Storage>;
  if (dtype === undefined || key === undefined) throw new Error('a tensor has no storage');
  const [sizes, steps] = [wholes(shape), wholes(strides)];
  if (sizes.length !== steps.length) throw new Error('a tensor has other strides than its shape');
  return new PickledTensor({ dtype, key }, wholes(offset)[0]!, sizes, steps);
}

/**
 * The names that a state_dict's pickle may use, and what they build: data of ours. No code of the file is run, and no other
 * name is looked up.
 */
const allowed: Readonly<Record<string, (...given: unknown[]) => unknown>> = {
  'collections.OrderedDict': () => new Map(),
  'torch._utils._rebuild_tensor_v2': (...given) => rebuildTensor(given[0], given[1], given[2], given[3]),
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
  const root = parser.parse<unknown>(entries.get(pickleName)!);
  return new Map(
    [...tensorsIn(root)].map(([name, { storage, ...place }]): [string, ForeignTensor] => [
      name,
      {
        shape: place.shape,
        values: () => {
          const bytes = entries.get(`${folder}data/${storage.key}`);
          if (!bytes) throw new Error(`${name}: its values are missing`);
          return valuesAt(name, { dtype: storage.dtype, bytes, ...place });
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
