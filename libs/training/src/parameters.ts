import type { ModelSpec } from '@unroll/contracts';
import { bodyParameters, outputAxis } from './layers/body';
import { plainAxis, type Parameter } from './parameter';

export { recurrentParameters } from './layers/recurrent-parameters';
export {
  arrayShape,
  extract,
  initialValues,
  logicalShape,
  place,
  plainAxis,
  type Axis,
  type Parameter,
  type Weights,
} from './parameter';

/** The parameters of embedding → body → output layer, embedding and output layer started as torch.nn.Embedding and Linear. */
export function languageModelParameters(model: ModelSpec, vocabulary: number): Parameter[] {
  const top = outputAxis(model);
  const start = { bound: 1 / Math.sqrt(top.blocks * top.size) };
  return [
    {
      name: 'embedding.weight',
      axes: [plainAxis(vocabulary), plainAxis(model.embeddingSize)],
      transposed: false,
      start: 'normal',
    },
    ...bodyParameters(model, model.embeddingSize, 'recurrent.'),
    { name: 'output.weight', axes: [plainAxis(vocabulary), top], transposed: true, start },
    { name: 'output.bias', axes: [plainAxis(vocabulary)], transposed: false, start },
  ];
}
