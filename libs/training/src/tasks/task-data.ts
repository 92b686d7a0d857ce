import type { TaskKind } from '@unroll/contracts';
import type { ExampleData, Examples, PreparedData, Sequences, Targets, TokenData, TreeData } from '@unroll/datasets';

/** Examples whose targets, and perhaps inputs, are of one kind. */
export type ExamplesWith<T extends Targets['kind'], I extends Sequences['kind'] = Sequences['kind']> = Examples & {
  inputs: Extract<Sequences, { kind: I }>;
  targets: Extract<Targets, { kind: T }>;
};

export type ExampleDataWith<T extends Targets['kind'], I extends Sequences['kind'] = Sequences['kind']> = Omit<
  ExampleData,
  'train' | 'validation' | 'test'
> & { train: ExamplesWith<T, I>; validation: ExamplesWith<T, I>; test?: ExamplesWith<T, I> | undefined };

/** The data that tasks learn from, by the name under which a task asks for it. */
export interface TaskData {
  text: TokenData;
  trees: TreeData;
  classes: ExampleDataWith<'classes'>;
  numbers: ExampleDataWith<'numbers'>;
  sequences: ExampleDataWith<'tokens'>;
  sequencesFromVectors: ExampleDataWith<'tokens', 'vectors'>;
  frames: ExampleDataWith<'vectors'>;
}
export type DataNeed = keyof TaskData;

interface Requirement {
  kind: PreparedData['kind'];
  targets?: Targets['kind'];
  inputs?: Sequences['kind'];
  /** For messages. */
  description: string;
}

const requirements: Readonly<Record<DataNeed, Requirement>> = {
  text: { kind: 'tokens', description: 'a text' },
  trees: { kind: 'trees', description: 'trees' },
  classes: { kind: 'examples', targets: 'classes', description: 'examples with a class for each sequence' },
  numbers: { kind: 'examples', targets: 'numbers', description: 'examples with numbers for each sequence' },
  sequences: {
    kind: 'examples',
    targets: 'tokens',
    description: 'examples with a sequence of tokens for each sequence',
  },
  sequencesFromVectors: {
    ...({ kind: 'examples', inputs: 'vectors', targets: 'tokens' } as const),
    description: 'examples with a sequence of tokens for each vector',
  },
  frames: { kind: 'examples', targets: 'vectors', description: 'examples with a frame of labels for each step' },
};

/** Throws Error, naming both, for data of another kind than a task needs. */
export function requireData<Need extends DataNeed>(
  task: { kind: TaskKind; needs: Need },
  data: PreparedData,
): asserts data is PreparedData & TaskData[Need] {
  const { kind, targets, inputs, description } = requirements[task.needs];
  const examples = data.kind === 'examples' ? data.train : undefined;
  const serves =
    data.kind === kind &&
    (!targets || examples?.targets.kind === targets) &&
    (!inputs || examples?.inputs.kind === inputs);
  if (serves) return;
  const given = examples ? `examples of ${examples.inputs.kind} with ${examples.targets.kind}` : data.kind;
  throw new Error(`${task.kind} learns from ${description}, not from ${given}`);
}
