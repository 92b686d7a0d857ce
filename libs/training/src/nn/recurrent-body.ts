import { layerUnits, residualLayers } from '@unroll/contracts';
import { tf, type Tensor } from '../tensor/tfjs';
import type { Architecture, BodyOptions } from './architecture';
import { batchNorm, runningNorm, type BatchNorm } from './batch-norm';
import { getCell } from './cells/cells';
import { finalStates, firstStates, zeroStates } from './initial-states';
import { runMasks } from './masks';
import { directionSuffixes, recurrentParameters, stateNames } from './recurrent-parameters';
import { recurrentStack } from './stack';

/** Stacked recurrent layers of one cell. */
export const recurrent: Architecture = {
  attendsToSteps: false,
  observable: true,
  gates(model) {
    const { gates, savesProducts } = getCell(model);
    return savesProducts ? 1.2 * gates : gates;
  },
  weightsOfSteps: (model) => getCell(model).weightsOfSteps?.(model.heads) ?? 0,
  requireSupported(model) {
    if (model.recurrentDropout > 0 && getCell(model).recurrence === 'none')
      throw new Error(`recurrentDropout has no effect on ${model.cell}, whose gates see no state`);
    if (model.weightDrop > 0 && getCell(model).recurrence !== 'kernel')
      throw new Error(`weightDrop has no effect on ${model.cell}, which has no recurrent matrix`);
    if (model.zoneout > 0 && !stateNames(model).includes('h'))
      throw new Error(`zoneout has no effect on ${model.cell}, whose output is not a state`);
  },
  parameters: recurrentParameters,
  zeroStates,
  run(model, parameters, input, options) {
    const { states, valid, training, window, recompute, observer, isFrozen } = options;
    const { bidirectional, parallelScan } = model;
    const layers = layerUnits(model).length;
    const residual = model.residual ? residualLayers(model) : undefined;
    const norms = model.batchNorm
      ? batchNorms(parameters, valid, { training: training && !observer, isFrozen })
      : undefined;
    const result = recurrentStack(
      { cell: getCell(model), layers, bidirectional, residual, parameters },
      input,
      firstStates(model, parameters, states),
      {
        valid,
        training: training || observer !== undefined,
        window: observer ? undefined : window,
        recompute: recompute && !observer,
        parallelScan,
        observer,
        normalised: norms?.normalised,
        zoneout: model.zoneout,
        ...runMasks(options, directionSuffixes(model).length, model.zoneout),
      },
    );
    const [lanes, , batch] = result.outputs.shape as [number, number, number];
    const after = finalStates(model, result.states, lanes, batch);
    return { outputs: result.outputs, states: after, buffers: norms?.buffers ?? {} };
  },
};

/**
 * Batch normalisation of what each direction of a layer reads: by the batch in training, else by the running statistics. Frozen ones
 * normalise in training too: what is above learns from what it gets once it is trained.
 */
function batchNorms(
  parameters: (name: string) => Tensor,
  valid: Tensor | undefined,
  { training, isFrozen }: Pick<BodyOptions, 'training' | 'isFrozen'>,
) {
  const buffers: Record<string, Tensor> = {};
  const normalised = (suffix: string, projected: Tensor): Tensor => {
    const name = (own: string): string => `norm_ih${suffix}.${own}`;
    const norm: BatchNorm = {
      weight: parameters(name('weight')),
      bias: parameters(name('bias')),
      mean: parameters(name('running_mean')),
      variance: parameters(name('running_var')),
    };
    if (!training) return runningNorm(projected, valid, norm);
    const rests = isFrozen?.(name('running_mean')) || isFrozen?.(name('running_var'));
    const { values, running } = rests
      ? {
          values: runningNorm(projected, valid, norm),
          running: { mean: tf.clone(norm.mean), variance: tf.clone(norm.variance) },
        }
      : batchNorm(projected, valid, norm);
    buffers[name('running_mean')] = running.mean;
    buffers[name('running_var')] = running.variance;
    return values;
  };
  return { buffers, normalised };
}
