import { ValidationError, type TrialSpec } from '@unroll/contracts';
import type { PreparedData } from '@unroll/datasets';
import { logicalShape, type Weights } from '../../nn/parameter';
import { taskParameters } from '../../tasks/tasks';
import { readTensorEntries } from '../safetensors';
import { readKeras, readKerasHdf5 } from './keras-file';
import { readOnnx, type ReadBeside } from './onnx-file';
import { torchLayers, type RecurrentLayers } from './recurrent-layers';
import { readShards, shardsOf } from './sharded-file';
import { readSafetensors, readTorchFile } from './torch-file';

const startsWith = (file: Uint8Array, bytes: readonly number[]): boolean =>
  bytes.every((each, index) => file[index] === each);
const isZip = (file: Uint8Array): boolean => startsWith(file, [0x50, 0x4b, 3, 4]);
const isHdf5 = (file: Uint8Array): boolean => startsWith(file, [0x89, 0x48, 0x44, 0x46]);
/** Whether JSON stands where a safetensors file has it, after the length of its header: that may begin with any byte. */
const hasJson = (file: Uint8Array): boolean => file[8] === '{'.charCodeAt(0);
/** A bare pickle, as PyTorch wrote before 1.6. */
const isPickle = (file: Uint8Array): boolean =>
  startsWith(file, [0x80]) && file.length > 2 && file[1]! <= 5 && !hasJson(file);

/** Whether an archive of Keras 3 rather than of PyTorch: the names of its entries stand in it as they are. */
const isKeras = (file: Uint8Array): boolean => Buffer.from(file).includes('model.weights.h5');

/** A protobuf message that begins with a version, as writers of ONNX have it. */
const isOnnx = (file: Uint8Array): boolean => startsWith(file, [8]) && !hasJson(file);

/**
 * The recurrent layers of a file of PyTorch (torch.save, safetensors), Keras (`.keras`, `.h5`) or ONNX, by its content. `modules`: the
 * names of those to take, from the lowest up. `beside`: reads a file beside it, in which ONNX or an index may keep weights. Throws Error
 * with one line.
 */
export async function readForeignLayers(
  file: Uint8Array,
  modules?: readonly string[],
  beside?: ReadBeside,
): Promise<RecurrentLayers> {
  if (isOnnx(file)) return readOnnx(file, modules, beside);
  if (isHdf5(file)) return readKerasHdf5(file, modules);
  if (isZip(file)) return isKeras(file) ? readKeras(file, modules) : torchLayers(readTorchFile(file), modules);
  const shards = shardsOf(file);
  if (shards) return torchLayers(await readShards(shards, beside), modules);
  if (isPickle(file))
    throw new Error('is a file of PyTorch before 1.6, or another pickle: save it again with a current torch.save');
  return torchLayers(readSafetensors(readTensorEntries(file).tensors), modules);
}

/** Whether a file is of another library, rather than a model of ours: those are safetensors files with a header of ours. */
export function isForeign(file: Uint8Array): boolean {
  if (isHdf5(file) || isZip(file) || isPickle(file) || isOnnx(file) || shardsOf(file)) return true;
  return !('unroll' in readTensorEntries(file).metadata);
}

const refusal = (path: string, message: string): ValidationError => new ValidationError([{ path, message }]);

/** What a trial's model must have to take these layers. */
function requireSameKind({ model, training }: TrialSpec, layers: RecurrentLayers): void {
  if (training.initFrom?.replaceHead)
    throw refusal(
      'training.initFrom.replaceHead',
      `has no effect: only recurrent layers are taken, and the head is new anyway`,
    );
  const differing = (key: 'cell' | 'bidirectional' | 'nonlinearity'): void => {
    const [own, other] = [model[key], layers[key]];
    if (other !== undefined && own !== other)
      throw refusal(`model.${key}`, `is ${JSON.stringify(own)}, but ${layers.origin} has ${JSON.stringify(other)}`);
  };
  differing('cell');
  if (layers.cell === 'rnn') differing('nonlinearity');
  differing('bidirectional');
}

/** How to make a shape fit, if there is a key for it. */
function advice(name: string, [rows, columns]: readonly number[], { model }: TrialSpec): string {
  if (name === 'weight_hh_l0') return `; set model.hiddenSize: ${columns}`;
  if (name !== 'weight_ih_l0') return '';
  const gates = { rnn: 1, gru: 3, lstm: 4 }[model.cell as 'rnn' | 'gru' | 'lstm'];
  if (rows !== gates * model.hiddenSize) return `; set model.hiddenSize: ${rows! / gates}`;
  return `; its inputs are ${columns} numbers a step: model.embeddingSize for tokens, else the width of the data`;
}

/**
 * The first weights of a trial that starts from another library's recurrent layers: those. All others (embedding, head) are
 * drawn as usual. Throws ValidationError, naming the key, for layers that do not fit.
 */
export function foreignWeights(spec: TrialSpec, layers: RecurrentLayers, data: PreparedData): Weights {
  requireSameKind(spec, layers);
  const prefix = 'recurrent.';
  const own = taskParameters(spec, data).filter(({ name }) => name.startsWith(prefix));
  const wanted = new Map(own.map((parameter) => [parameter.name.slice(prefix.length), logicalShape(parameter)]));
  const depth = (names: Iterable<string>): number =>
    new Set([...names].flatMap((name) => /^weight_hh_l(\d+)/.exec(name)?.[1] ?? [])).size;
  const [here, there] = [depth(wanted.keys()), depth(Object.keys(layers.weights))];
  if (here === 0)
    throw refusal('training.initFrom.model', `${spec.task.kind} has no recurrent layers that read its input`);
  if (here !== there) throw refusal('model.layers', `is ${here}, but ${layers.origin} has ${there}`);
  return Object.fromEntries(
    Object.entries(layers.weights).map(([name, values]) => {
      const shape = wanted.get(name);
      if (shape?.join() !== values.shape.join())
        throw refusal(
          'training.initFrom.model',
          `${name} is ${values.shape.join(' × ')} in the file, but ${shape?.join(' × ') ?? 'not there'} here${advice(name, values.shape, spec)}`,
        );
      return [prefix + name, values];
    }),
  );
}
