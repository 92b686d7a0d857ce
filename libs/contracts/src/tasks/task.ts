import { z } from 'zod';
import type { CellName } from '../cells';
import type { DatasetKind } from '../datasets';
import type { Rule } from '../definition';
import type { MetricName } from '../metrics';
import type { ModelSpec } from '../model-spec';
import { strict } from '../strict';
import type { training } from '../training-spec';

/** What a rule of a task looks at. */
export interface TaskRuleInput {
  dataset: { longer: string };
  /** The task's own options. */
  task: Readonly<Record<string, unknown>>;
  model: ModelSpec;
  training: z.infer<typeof training>;
}

/** The sweep that `unroll init` writes, as lines of YAML. */
export interface FirstSweep {
  /** What is learned, in a few words. */
  readonly goal: string;
  /** What a file of one's own looks like, after the command that registers it; undefined for a plain one. */
  readonly file?: string;
  /** A built-in data set, or NAME for one of one's own. */
  readonly dataset: string;
  readonly task: string;
  /** Default: three cells, each an equal number of times. */
  readonly cell?: string;
  /** Beside the cell and its size. */
  readonly model: readonly string[];
  readonly training: readonly string[];
}

/**
 * What the rest of Unroll knows of a task without running it. A new task is one file beside this one and one entry in index.ts; it runs
 * in a file of the same name in libs/training/src/tasks, over what libs/datasets prepares.
 */
export interface TaskFacts {
  readonly description: string;
  /** The kinds of data set that it learns from, the usual one first. */
  readonly datasets: readonly [DatasetKind, ...DatasetKind[]];
  /** How it reads them: windows along one stream, between which a state may be carried; sequence by sequence; or trees. */
  readonly reads: 'stream' | 'sequences' | 'trees';
  /** What a step may be: a token, or a vector of numbers. */
  readonly inputs: readonly ('tokens' | 'numbers')[];
  /** How often it answers: at each step, once for a sequence, or with a sequence that a decoder writes. */
  readonly answers: 'each step' | 'once' | 'written';
  /** Whether its target is a later part of what it reads, so that no layer may read from the end. */
  readonly isCausal: boolean;
  /** Whether it answers in what it reads (the next token, the next row), so that a new head does too. */
  readonly answersInInput: boolean;
  /** What is minimised. Label smoothing is for cross-entropy. */
  readonly loss: 'cross-entropy' | 'binary cross-entropy' | 'error of a number' | 'connectionist temporal classification';
  /** What it measures beside its loss; the first is its objective where a sweep names none. */
  readonly metrics: readonly [MetricName, ...MetricName[]];
  /** The simple models that its board shows for comparison. */
  readonly baselines: readonly string[];
  /** Whether the answer is read from one feature of a sequence, which domain adaptation can act on. */
  readonly isAdaptable: boolean;
  /** Whether diagnostics can follow its gradient through time. */
  readonly isInspectable: boolean;
  /** Whether a model of it can be exported to ONNX. */
  readonly isExportable: boolean;
  /** Why batch normalisation has no place in it; undefined where it has one. */
  readonly noBatchNorm?: string;
  /** The cells that can read it; undefined for all. */
  readonly cells?: readonly CellName[];
  /** Options that decide how the input is read: a trial that starts from a model has the same. */
  readonly inputOptions: readonly string[];
  /** Options that shape the output layer: the same unless the layer is replaced. */
  readonly headOptions: readonly string[];
  /** Whether its figures are per token of a vocabulary that a model to start from brings along: they compare only over the same one. */
  readonly isPerWord?: (task: Readonly<Record<string, unknown>>) => boolean;
  /** What else it refuses. */
  readonly rules?: (input: TaskRuleInput) => readonly Rule[];
  readonly firstSweep: FirstSweep;
}

type Shape = Record<string, z.ZodType>;

/** A task: its name, its options, and its facts. */
export const defineTask = <const Kind extends string, Options extends Shape>(
  kind: Kind,
  options: Options,
  facts: TaskFacts,
) => ({ kind, schema: strict({ kind: z.literal(kind).describe(facts.description), ...options }), ...facts });

export interface TaskDefinition extends TaskFacts {
  readonly kind: string;
  /** Its options, `kind` among them. */
  readonly schema: z.ZodObject;
}
