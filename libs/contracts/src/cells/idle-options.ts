import { isDistribution } from '../distribution';
import type { ModelSpec } from '../model-spec';
import { cells } from './index';

interface IdleOption {
  path: string;
  isSet: (model: ModelSpec) => boolean;
  /** Why it has no effect on networks of one layer, and what to give instead. */
  why: (models: readonly ModelSpec[]) => string;
}

/** Options of what is between recurrent layers, as in torch.nn.LSTM. A transformer drops what each part of a layer gives. */
const betweenLayers: readonly IdleOption[] = [
  {
    path: 'model.dropout',
    isSet: ({ dropout }) => dropout > 0,
    why: (models) => {
      const isRecurrent = models.every(({ cell }) => cells[cell].recurrence !== 'none');
      const instead = isRecurrent ? 'model.recurrentDropout, or more layers' : 'more layers';
      return `drops what a layer reads from the one below, and there is one layer: give ${instead}`;
    },
  },
  {
    path: 'model.residual',
    isSet: ({ residual }) => residual,
    why: () => 'adds what a layer reads from the one below, and there is one layer: give more layers',
  },
];

/**
 * What has no effect on any of these trials, though some of them set it: in a line each. It is no error, since other trials of a sweep may
 * have more layers. `searched`: the model of a sweep that has further trials; nothing is said where these may have other layers.
 */
export function idleOptions(trials: readonly { model: ModelSpec }[], searched?: unknown): string[] {
  if (mayDiffer(searched)) return [];
  return betweenLayers.flatMap(({ path, isSet, why }) => {
    const models = trials.map(({ model }) => model).filter(isSet);
    const isIdle = models.length > 0 && models.every(({ cell, layers }) => cell !== 'transformer' && layers === 1);
    return isIdle ? [`${path} has no effect: it ${why(models)}`] : [];
  });
}

/** Whether trials of a sweep may differ in their layers, or in what these are made of. */
function mayDiffer(searched: unknown): boolean {
  if (typeof searched !== 'object' || searched === null) return false;
  const { cell, layers, layerSizes } = searched as Record<string, unknown>;
  return [searched, cell, layers, layerSizes].some(isDistribution);
}
