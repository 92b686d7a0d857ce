import {
  ValidationError,
  type DatasetKind,
  type RegisteredKind,
  type StepKind,
  type TrialSpec,
} from '@unroll/contracts';
import {
  builtIns,
  DatasetError,
  firstLook,
  lookAtTokenizer,
  lookAtVectors,
  namedClassWeights,
  prepare,
  readTokenizerFile,
  stepKind,
  type DataSource,
  type Look,
} from '@unroll/datasets';

/** Where a thread finds the bytes of a data set. */
export type DataPlace = { builtIn: string } | { path: string; kind: DatasetKind };

/** Data as a trial would read them. */
export interface TrialData {
  spec: Pick<TrialSpec, 'dataset' | 'task' | 'model' | 'training'>;
  place: DataPlace;
  /** The file of its tokenizer, if it has one. */
  tokenizer?: string | undefined;
}

/** What trials make of their data, and what the sequences of each data set that could be read are made of. */
export interface TrialLook extends Look {
  steps: { dataset: string; kind: StepKind }[];
}

/** A first look at an uploaded file. @throws ValidationError if no trial could learn from it */
export function lookAt({ path, kind }: { path: string; kind: RegisteredKind }): Look {
  try {
    if (kind === 'vectors') return lookAtVectors(path);
    return kind === 'tokenizer' ? lookAtTokenizer(path) : firstLook({ path, kind });
  } catch (error) {
    if (!(error instanceof DatasetError)) throw error;
    throw new ValidationError([{ path: 'file', message: error.message }]);
  }
}

/** @throws ValidationError if every one of the trials would fail */
export function readForTrials(trials: readonly TrialData[]): TrialLook {
  const facts = new Set<string>();
  const warnings = new Set<string>();
  const steps: TrialLook['steps'] = [];
  const errors: DatasetError[] = [];
  for (const { spec, place, tokenizer } of trials)
    try {
      const read = prepare(openPlace(place, spec), {
        ...{ dataset: spec.dataset, task: spec.task },
        reading: tokenizer === undefined ? undefined : readTokenizerFile(tokenizer),
        isSubmission: true,
      });
      const { classWeights } = spec.training;
      const classes = 'targetVocabulary' in read.data ? (read.data.targetVocabulary ?? []) : [];
      if (typeof classWeights === 'object') namedClassWeights(classWeights, classes);
      steps.push({ dataset: spec.dataset.name, kind: stepKind(read.data) });
      for (const fact of read.facts ?? []) facts.add(`${spec.dataset.name}: ${fact}`);
      for (const warning of read.warnings ?? []) warnings.add(`${spec.dataset.name}: ${warning}`);
    } catch (error) {
      if (!(error instanceof DatasetError)) throw error;
      errors.push(error);
      warnings.add(`some trials will fail: ${error.message}`);
    }
  if (errors.length > 0 && errors.length === trials.length) throw refusal(errors[0]!);
  return { facts: [...facts], warnings: [...warnings], steps };
}

/** The path of an option that a message begins with is that of the error. */
function refusal({ message, option }: DatasetError): ValidationError {
  const [, path, rest] = /^((?:dataset|task|training)\.[\w.]+): (.*)$/s.exec(message) ?? [];
  return new ValidationError([path === undefined ? { path: option ?? 'dataset', message } : { path, message: rest! }]);
}

function openPlace(place: DataPlace, { dataset }: Pick<TrialSpec, 'dataset'>): DataSource {
  if ('path' in place) return place;
  const builtIn = builtIns.find(({ name }) => name === place.builtIn)!;
  return { kind: builtIn.kind, bytes: builtIn.read(dataset) };
}
