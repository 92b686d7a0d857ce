import { unzipSync } from 'fflate';
import type { File as HdfFile, Group } from 'h5wasm';
import { layersOf } from './keras-config';
import { kerasLayers, type KerasArray } from './keras-layers';
import type { RecurrentLayers } from './recurrent-layers';

/** Runs `read` on an HDF5 file, which lies in the memory of the library meanwhile. */
async function withHdf5<Result>(bytes: Uint8Array, read: (file: HdfFile) => Result): Promise<Result> {
  // 4 MB that only these files need; a module of ECMAScript alone.
  const { File, ready } = await import('h5wasm');
  const { FS } = await ready;
  const name = `/${crypto.randomUUID()}.h5`;
  FS.writeFile(name, bytes);
  try {
    const file = new File(name, 'r');
    try {
      return read(file);
    } finally {
      file.close();
    }
  } finally {
    FS.unlink(name);
  }
}

/** The numbers of a dataset; undefined if there is none of this name. */
function arrayAt(group: Group, path: string): KerasArray | undefined {
  const found = group.get(path);
  if (!found || !('shape' in found) || !found.shape) return undefined;
  const { value, shape } = found;
  return { shape, values: Float32Array.from(value as ArrayLike<number>) };
}

const attribute = (of: unknown, name: string): unknown =>
  (of as { attrs?: Record<string, { value?: unknown }> } | null)?.attrs?.[name]?.value;

/** `.keras`: folders go by class (`layers/lstm_1`), and a layer's name is an attribute. */
function variablesOf(file: HdfFile): (layer: string, direction: string) => (KerasArray | undefined)[] {
  const layers = file.get('layers') as Group | null;
  const folders = new Map(
    (layers?.keys() ?? []).map((folder) => [attribute(layers!.get(`${folder}/vars`), 'name'), folder]),
  );
  return (layer, direction) => {
    const folder = folders.get(layer);
    const cell = `${folder}/${direction && `${direction}_layer/`}cell/vars`;
    return folder === undefined ? [] : ['0', '1', '2'].map((index) => arrayAt(layers!, `${cell}/${index}`));
  };
}

/** `.h5`: the names of a layer's weights are an attribute, and their ends say what they are; older ones end with `:0`. */
function namedWeightsOf(file: HdfFile): (layer: string, direction: string) => (KerasArray | undefined)[] {
  const layers = (file.get('model_weights') ?? file) as Group;
  return (layer, direction) => {
    const group = layers.get(layer) as Group | null;
    const all = (attribute(group, 'weight_names') ?? []) as string[];
    // Those of the forward direction come first; a backward_layer has a name of its own.
    const half = direction === '' ? all.length : all.length / 2;
    const names = direction === 'backward' ? all.slice(half) : all.slice(0, half);
    return ['kernel', 'recurrent_kernel', 'bias'].map((part) => {
      const name = names.find((each) => each.replace(/:0$/, '').endsWith(`/${part}`));
      return name === undefined ? undefined : arrayAt(group!, name);
    });
  };
}

/**
 * The recurrent layers of a model that Keras saved as `.keras`, those of `names` or all. Throws Error with one line for a
 * file that cannot be read, or for layers that compute otherwise than PyTorch's.
 */
export async function readKeras(archive: Uint8Array, names?: readonly string[]): Promise<RecurrentLayers> {
  const entries = unzipSync(archive);
  const [config, weights] = [entries['config.json'], entries['model.weights.h5']];
  if (!config || !weights) throw new Error('not a model of Keras 3: it has no config.json or no model.weights.h5');
  const layers = layersOf(new TextDecoder().decode(config));
  return withHdf5(weights, (file) => kerasLayers(layers, variablesOf(file), names));
}

/** The same for a whole model saved as `.h5`. */
export const readKerasHdf5 = (file: Uint8Array, names?: readonly string[]): Promise<RecurrentLayers> =>
  withHdf5(file, (opened) => {
    const config = attribute(opened, 'model_config');
    if (config === undefined)
      throw new Error(
        'holds only weights, not what layers they are of: save the whole model with model.save("NAME.keras")',
      );
    return kerasLayers(layersOf(config), namedWeightsOf(opened), names);
  });
