import type { ModelSpec } from '@unroll/contracts';
import { tf, type Tensor } from '../tensor/tfjs';
import type { Start } from './init/start';
import { plainAxis, type Axis, type Parameter } from './parameter';
import { causalAttention } from '../functional/attention';
import { layerNorm, layerNormBeside } from '../functional/layer-norm';
import { linear, perceptron, type Affine } from '../functional/linear';
import { projectAll } from './recomputed';
import type { Input } from './stack';
import { wideMask } from './cells/unrolled';

/** The width of a block's perceptron, in widths of a layer. */
const expansion = 4;

/** The parameters of a transformer over `inputs` numbers a step, under the names of torch.nn.TransformerEncoder. */
export function transformerParameters(model: ModelSpec, inputs: number, prefix = ''): Parameter[] {
  const { hiddenSize, layers, initialisation } = model;
  const units = plainAxis(hiddenSize);
  const affine = (weight: string, bias: string, rows: Axis, columns: number): Parameter[] => {
    const bound: Start = { bound: 1 / Math.sqrt(columns) };
    const start: Start = initialisation.input === 'default' ? bound : { matrix: initialisation.input };
    return [
      { name: prefix + weight, axes: [rows, plainAxis(columns)], transposed: true, start },
      { name: prefix + bias, axes: [rows], transposed: false, start: bound },
    ];
  };
  const norm = (name: string): Parameter[] => [
    { name: `${prefix}${name}.weight`, axes: [units], transposed: false, start: { value: 1 } },
    { name: `${prefix}${name}.bias`, axes: [units], transposed: false, start: { value: 0 } },
  ];
  const block = (name: string): Parameter[] => [
    ...norm(`${name}.norm1`),
    ...affine(
      ...([`${name}.self_attn.in_proj_weight`, `${name}.self_attn.in_proj_bias`] as const),
      ...([{ blocks: 3, size: hiddenSize, width: hiddenSize }, hiddenSize] as const),
    ),
    ...affine(`${name}.self_attn.out_proj.weight`, `${name}.self_attn.out_proj.bias`, units, hiddenSize),
    ...norm(`${name}.norm2`),
    ...affine(`${name}.linear1.weight`, `${name}.linear1.bias`, plainAxis(expansion * hiddenSize), hiddenSize),
    ...affine(`${name}.linear2.weight`, `${name}.linear2.bias`, units, expansion * hiddenSize),
  ];
  return [
    ...affine('input.weight', 'input.bias', units, inputs),
    ...Array.from({ length: layers }, (_, layer) => block(`layers.${layer}`)).flat(),
    ...norm('norm'),
  ];
}

export interface TransformerOptions {
  /** Which steps count, bool [lane, time, batch]; undefined where all do. */
  valid?: Tensor | undefined;
  /** The dropout mask of a part's output, as `dropoutMask` gives it, [lane, time·batch, hidden]. */
  dropped?: ((place: string, rows: number, width: number) => Tensor | undefined) | undefined;
}

/**
 * A causal transformer (Vaswani et al. 2017) with the normalisation before each part (Xiong et al. 2020), relu and positions as
 * sines: torch.nn.TransformerEncoder with `norm_first`, a last normalisation and a causal mask, over a linear layer of the
 * input. A step sees those before it of the same call that count, and carries no state. → [lane, time, batch, hidden], 0 at
 * steps that do not count.
 */
export function transformer(
  { layers, heads }: Pick<ModelSpec, 'layers' | 'heads'>,
  parameters: (name: string) => Tensor,
  input: Input,
  { valid, dropped }: TransformerOptions,
): Tensor {
  const projected = projectAll(input(parameters('input.weight'), parameters('input.bias')));
  const shape = projected.shape as [number, number, number, number];
  const [lanes, steps, batch, hidden] = shape;
  const counts = valid && wideMask(valid, hidden);
  const selected = (x: Tensor): Tensor => (counts ? tf.where(counts, x, tf.zerosLike(x)) : x);
  const affine = (name: string): Affine => ({
    weight: parameters(`${name}.weight`),
    bias: parameters(`${name}.bias`),
  });
  const norm = (name: string, x: Tensor) => [x, parameters(`${name}.weight`), parameters(`${name}.bias`)] as const;
  /** x plus what `part` gives, or what dropout leaves of that; `part` adds x itself where it is given. */
  const residual = (place: string, x: Tensor, part: (added?: Tensor) => Tensor): Tensor => {
    const mask = dropped?.(place, steps * batch, hidden);
    return mask ? tf.add(x, tf.mul(part(), mask)) : part(x);
  };

  let x = withPositions(selected(projected));
  for (let layer = 0; layer < layers; layer++) {
    const at = (name: string): string => `layers.${layer}.${name}`;
    const attention = (name: string): Tensor => parameters(at(`self_attn.${name}`));
    const [read, before] = layerNormBeside(...norm(at('norm1'), x));
    const three = linear(read, attention('in_proj_weight'), attention('in_proj_bias'));
    const seen = causalAttention(tf.reshape(three, [lanes, steps, batch, 3 * hidden]), heads, valid);
    x = residual(`attention${layer}`, before, (added) =>
      linear(tf.reshape(seen, x.shape), attention('out_proj.weight'), attention('out_proj.bias'), added),
    );
    const [normalised, between] = layerNormBeside(...norm(at('norm2'), x));
    x = residual(`perceptron${layer}`, between, (added) =>
      perceptron(normalised, affine(at('linear1')), affine(at('linear2')), added),
    );
  }
  return selected(tf.reshape(layerNorm(...norm('norm', x)), shape));
}

/** A number for each position and unit added: [lane, time, batch, hidden] → [lane, time·batch, hidden]. */
function withPositions(x: Tensor): Tensor {
  const [lanes, steps, batch, hidden] = x.shape as [number, number, number, number];
  const positions = tf.tensor3d(sines(steps, hidden), [steps, 1, hidden]);
  const rows = tf.reshape(x, [lanes * steps, batch, hidden]);
  const sums = tf.add(rows, lanes > 1 ? tf.tile(positions, [lanes, 1, 1]) : positions);
  return tf.reshape(sums, [lanes, steps * batch, hidden]);
}

/** sin and cos of each position at wave lengths from 2π to 10,000·2π (Vaswani et al. 2017, section 3.5); [time, hidden]. */
function sines(steps: number, hidden: number): Float32Array {
  const values = new Float32Array(steps * hidden);
  for (let step = 0; step < steps; step++)
    for (let unit = 0; unit < hidden; unit++) {
      const angle = step / 10_000 ** ((unit - (unit % 2)) / hidden);
      values[step * hidden + unit] = unit % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
    }
  return values;
}
