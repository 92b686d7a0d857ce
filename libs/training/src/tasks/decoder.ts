import { layerUnits, type ModelSpec } from '@unroll/contracts';
import { getCell } from '../nn/cells/cells';
import type { Tensor } from '../tensor/tfjs';
import { bodyParameters, runBody, type BodyOptions, type BodyResult } from '../nn/body';
import { attend, decoderAttentionParameters, toMemory, type AttentionKind, type Memory } from '../nn/decoder-attention';
import { linearTanh } from '../functional/linear';
import { stateAxes, stateNames } from '../nn/recurrent-parameters';
import { tokenInput } from '../nn/stack';
import { plainAxis, type Axis, type Parameter } from '../nn/parameter';
import { embeddingStart, symbolLogits, symbolParameters } from './head';
import type { Named, States } from '../nn/parameter';

/** What a decoder starts from and attends to. */
export interface Source {
  /** Before the first token; each [lane, batch, units]. */
  states: States;
  memory: Memory | undefined;
}

/** Writes sequences of tokens: an embedding, recurrent layers, perhaps attention, and an output layer. */
export interface Decoder {
  parameters: Parameter[];
  /** An encoder's outputs [lane, source, batch, width], prepared for attention; undefined without attention. */
  memory(parameters: Named, outputs: Tensor, valid: Tensor | undefined): Memory | undefined;
  /** Some steps: tokens int32 [lane, time, rows] → outputs [lane, time, rows, units] and the states after them. */
  run(parameters: Named, ids: Tensor, options: Omit<BodyOptions, 'masks'>, step?: number): BodyResult;
  /** outputs [lane, rows, units], those of one sequence side by side → logits [lane, rows, vocabulary]. */
  logits(parameters: Named, outputs: Tensor, memory: Memory | undefined): Tensor;
  /** The same outputs → the weights of each over the source, [lane·batch, outputs of a sequence, source]. */
  attention(parameters: Named, outputs: Tensor, memory: Memory): Tensor;
}

/** The decoder's model: as the encoder's, in one direction, from given states. */
const decoderModel = (model: ModelSpec): ModelSpec => ({ ...model, bidirectional: false, learnedInitialState: false });

/** How many states each layer of a decoder has: h, or h and c. */
export const countDecoderStates = (model: ModelSpec): number => getCell(model).states;

export function openDecoder(encoder: ModelSpec, attention: AttentionKind, vocabulary: number): Decoder {
  const model = decoderModel(encoder);
  const embedding: Parameter = {
    name: 'decoder.embedding.weight',
    axes: [plainAxis(vocabulary), plainAxis(model.embeddingSize)],
    transposed: false,
    start: embeddingStart(model),
  };
  return {
    parameters: [
      embedding,
      ...bodyParameters(model, model.embeddingSize, 'decoder.recurrent.'),
      ...decoderAttentionParameters(encoder, attention),
      ...symbolParameters(model, vocabulary),
    ],
    memory: (parameters, outputs, valid) => toMemory(attention, parameters, outputs, valid),
    run: (parameters, ids, options, step) =>
      runBody(
        model,
        (name) => parameters(`decoder.recurrent.${name}`),
        tokenInput(parameters('decoder.embedding.weight'), ids),
        { ...options, masks: { body: 'decoder ', step: step === undefined ? '' : `${step} ` } },
      ),
    logits(parameters, outputs, memory) {
      const read = memory ? attend(parameters, memory, outputs).seen : outputs;
      return symbolLogits(model, parameters, read, 'decoder.embedding.weight');
    },
    attention: (parameters, outputs, memory) => attend(parameters, memory, outputs).weights,
  };
}

/** Layers that compute a decoder's first states, one for each state of each layer; `read`: what the one of a state reads. */
export function bridgeParameters(model: ModelSpec, read: (state: Axis) => Axis): Parameter[] {
  const sizes = layerUnits(model);
  return bridgeNames(model).flatMap((name, index): Parameter[] => {
    const layer = index % sizes.length;
    const own = stateAxes(model, sizes[layer]!)[Math.floor(index / sizes.length)]!;
    const from = read(own);
    const start = { bound: 1 / Math.sqrt(from.blocks * from.size) };
    return [
      { name: `${name}.weight`, axes: [own, from], transposed: true, start },
      { name: `${name}.bias`, axes: [own], transposed: false, start },
    ];
  });
}

/** tanh(W·x + b) as Bahdanau et al. 2015, appendix A.2.2: `of` gives x [lane, batch, inputs] for a state and a layer. */
export function bridge(model: ModelSpec, parameters: Named, of: (state: number, layer: number) => Tensor): States {
  const names = bridgeNames(model);
  return Array.from({ length: countDecoderStates(model) }, (_, state) =>
    layerUnits(model).map((_units, layer, { length }) => {
      const name = names[state * length + layer]!;
      return linearTanh(of(state, layer), parameters(`${name}.weight`), parameters(`${name}.bias`));
    }),
  );
}

const bridgeNames = (model: ModelSpec): string[] =>
  stateNames(model).flatMap((state) => layerUnits(model).map((_, layer) => `bridge.${state}_l${layer}`));
