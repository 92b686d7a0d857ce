import type { ModelSpec } from '../model-spec';

interface IdleOption {
  path: string;
  isSet: (model: ModelSpec) => boolean;
  /** Why it has no effect on a network of one layer. */
  why: string;
}

/** Options of what is between recurrent layers, as in torch.nn.LSTM. A transformer drops what each part of a layer gives. */
const betweenLayers: readonly IdleOption[] = [
  {
    path: 'model.dropout',
    isSet: ({ dropout }) => dropout > 0,
    why: 'drops what a layer reads from the one below, and there is one layer: give model.recurrentDropout, or more layers',
  },
  {
    path: 'model.residual',
    isSet: ({ residual }) => residual,
    why: 'adds what a layer reads from the one below, and there is one layer: give more layers',
  },
];

/**
 * What has no effect on any of these trials, though some of them set it: in a line each. It is no error, since other trials of a sweep may
 * have more layers.
 */
export function idleOptions(trials: readonly { model: ModelSpec }[]): string[] {
  return betweenLayers.flatMap(({ path, isSet, why }) => {
    const models = trials.map(({ model }) => model).filter(isSet);
    const isIdle = models.length > 0 && models.every(({ cell, layers }) => cell !== 'transformer' && layers === 1);
    return isIdle ? [`${path} has no effect: it ${why}`] : [];
  });
}
