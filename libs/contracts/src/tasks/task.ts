import { z } from 'zod';
import type { CellName } from '../cells';
import type { DatasetKind } from '../datasets';
import type { Rule } from '../definition';
import type { MetricName } from '../metrics';
import type { ModelSpec } from '../model-spec';
import { strict } from '../strict';
import type { training } from '../training-spec';

/** The input of a rule of a task. */
export interface TaskRuleInput {
  dataset: { longer: string };
  /** The task's own options. */
  task: Readonly<Record<string, unknown>>;
  model: ModelSpec;
  training: z.infer<typeof training>;
}

/** The sweep that `unroll init` writes, as lines of YAML. */
export interface FirstSweep {
  /** What the network learns, in a few words. */
  readonly goal: string;
  /** The format of a user's file, shown after the command that registers it; undefined for a plain text. */
  readonly file?: string;
  /** A built-in data set; or, where none fits, a file or folder of examples/TASK, with further options and a remark on them. */
  readonly dataset: string | { readonly sample: string; readonly options?: string; readonly note?: string };
  readonly task: string;
  /** Default: three cells, each equally often. */
  readonly cell?: string;
  /** In addition to the cell and its size. */
  readonly model: readonly string[];
  readonly training: readonly string[];
}

/**
 * What the rest of Unroll knows about a task without running it. To add a task, add a file beside this one and an entry in index.ts; it
 * runs in a file of the same name in libs/training/src/tasks, on the data that libs/datasets prepares.
 */
export interface TaskFacts {
  readonly description: string;
  /** The kinds of data set that it learns from, the usual one first. */
  readonly datasets: readonly [DatasetKind, ...DatasetKind[]];
  /** How it reads them: windows along one stream, between which a state may be carried; sequence by sequence; or trees. */
  readonly reads: 'stream' | 'sequences' | 'trees';
  /** What a step may be: a token, or a vector of numbers. */
  readonly inputs: readonly ('tokens' | 'numbers')[];
  /** What it predicts: a target for each step, one target for a sequence, or a sequence that a decoder generates. */
  readonly answers: 'each step' | 'once' | 'written';
  /** Whether its target is a later part of its input, so that no layer may be bidirectional. */
  readonly isCausal: boolean;
  /** Whether its targets are of the kind of its input (the next token, the next row), also with a new head. */
  readonly answersInInput: boolean;
  /** What is minimised. Only cross-entropy supports label smoothing. */
  readonly loss:
    | 'cross-entropy'
    | 'binary cross-entropy'
    | 'error of a number'
    | 'connectionist temporal classification';
  /** Its metrics in addition to the loss; the first is the default objective. */
  readonly metrics: readonly [MetricName, ...MetricName[]];
  /** The simple models that its leaderboard shows for comparison. */
  readonly baselines: readonly string[];
  /** Whether it predicts from one feature vector per sequence, which domain adaptation needs. */
  readonly isAdaptable: boolean;
  /** Whether diagnostics can measure its gradient through time. */
  readonly isInspectable: boolean;
  /** Whether a model of it can be exported to ONNX. */
  readonly isExportable: boolean;
  /** Why it does not support batch normalisation; undefined if it does. */
  readonly noBatchNorm?: string;
  /** The cells that support it; undefined for all. */
  readonly cells?: readonly CellName[];
  /** Options that decide how the input is read: a trial that starts from a model must have the same. */
  readonly inputOptions: readonly string[];
  /** Options that decide the shape of the output layer: they must be the same unless the layer is replaced. */
  readonly headOptions: readonly string[];
  /**
   * Options that change how an answer is found, and nothing of what is measured: trials that differ in them share a leaderboard. An option
   * that is not listed, such as a new one, keeps trials apart.
   */
  readonly ownChoices: readonly string[];
  /** Options that change what the loss measures, or a metric of quantiles, and no other metric. */
  readonly lossOptions: readonly string[];
  /** Whether its metrics depend on the vocabulary: trials with the vocabulary of an initial model compare only among themselves. */
  readonly isPerWord?: (task: Readonly<Record<string, unknown>>) => boolean;
  /** Further refusals. */
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
