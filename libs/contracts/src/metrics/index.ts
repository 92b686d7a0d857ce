import { byName, column } from '../definition';
import { accuracy } from './accuracy';
import { balancedAccuracy } from './balanced-accuracy';
import { bitsPerCharacter } from './bits-per-character';
import { bitsPerToken } from './bits-per-token';
import { bleu } from './bleu';
import { costParameters } from './cost-parameters';
import { costSeconds } from './cost-seconds';
import { costUpdates } from './cost-updates';
import { crps } from './crps';
import { editDistance } from './edit-distance';
import { f1 } from './f1';
import { gradientNorm } from './gradient-norm';
import { loss } from './loss';
import { mase } from './mase';
import { mae } from './mae';
import { mse } from './mse';
import { negativeLogLikelihood } from './negative-log-likelihood';
import { nodeAccuracy } from './node-accuracy';
import { perplexity } from './perplexity';
import { smape } from './smape';
import { toldValue } from './told-value';
import { trainLoss } from './train-loss';
import { weightedQuantileLoss } from './weighted-quantile-loss';
import type { MetricDefinition } from './metric';

/** What a report may measure and a sweep may optimise. */
const reported = [
  trainLoss,
  gradientNorm,
  loss,
  perplexity,
  bitsPerToken,
  bitsPerCharacter,
  accuracy,
  balancedAccuracy,
  f1,
  nodeAccuracy,
  mse,
  mae,
  smape,
  mase,
  weightedQuantileLoss,
  crps,
  negativeLogLikelihood,
  bleu,
  editDistance,
] as const;

/** What a trained network costs, known once its trial has completed. */
const costs = [costParameters, costUpdates, costSeconds] as const;

/** What the caller of a study may tell instead. */
const told = [toldValue] as const;

export const metricNames = column(reported, 'name');
export type MetricName = (typeof metricNames)[number];
export const costNames = column(costs, 'name');
export type CostName = (typeof costNames)[number];

export const toldNames = column(told, 'name');
export type ToldName = (typeof toldNames)[number];

/** Everything that can be optimised, by name. */
export const metrics: Readonly<Record<MetricName | CostName | ToldName, MetricDefinition>> = byName(
  [...reported, ...costs, ...told],
  'name',
);

/** The definition of a metric, on whatever part of the data it is measured. */
function definitionOf(name: string): MetricDefinition | undefined {
  const known: Readonly<Record<string, MetricDefinition>> = metrics;
  const own = Object.hasOwn(known, name) ? name : name.replace(/^(train|test)\./, 'validation.');
  return Object.hasOwn(known, own) ? known[own] : undefined;
}

/** What a metric is per, where that decides which trials it compares. */
export const metricPer = (name: string | undefined): MetricDefinition['per'] =>
  name === undefined ? undefined : definitionOf(name)?.per;

/** Which direction of a metric is better, on whatever part of the data it is measured; undefined for one that is not defined here. */
export const metricGoal = (name: string): MetricDefinition['goal'] | undefined => definitionOf(name)?.goal;
