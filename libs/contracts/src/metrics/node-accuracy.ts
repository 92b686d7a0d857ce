import type { MetricDefinition } from './metric';

export const nodeAccuracy = {
  name: 'validation.nodeAccuracy',
  goal: 'maximize',
  unit: 'fraction',
  description: "Fraction of a tree's nodes whose class is right.",
  isOfEveryTask: false,
} as const satisfies MetricDefinition;
