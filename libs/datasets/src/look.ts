import { datasetKindDefinitions, tasks, trialSpec, type TaskKind } from '@unroll/contracts';
import { prepare } from './prepare';
import { DatasetError } from './prepared/data';
import { byteLength, folderPath, type DataSource } from './source/data-source';

/** What a first look found, for people: one line each. */
export interface Look {
  facts: string[];
  /** What may be wrong, or which option of a trial it needs. */
  warnings: string[];
}

/** Larger files are only read by the trials themselves. Unit: bytes. */
const mostBytes = 128 * 2 ** 20;

/**
 * Reads a data set as the tasks that learn from its kind would, with the options that ask least of it.
 * @throws DatasetError if every one of them would fail, whatever its options
 */
export function firstLook(source: DataSource): Look {
  if (folderPath(source) === undefined && byteLength(source) > mostBytes)
    return { facts: [`larger than ${mostBytes / 2 ** 20} MB, so its content was not looked at`], warnings: [] };
  const kinds = Object.values(tasks).filter(({ datasets }) => datasets.includes(source.kind));
  const looks: { task: TaskKind; look: Look }[] = [];
  const errors: DatasetError[] = [];
  for (const { kind } of kinds) {
    // Recordings take long to read, and every task reads them alike.
    if (looks.length > 0 && datasetKindDefinitions[source.kind].archive === 'required') break;
    try {
      looks.push({ task: kind as TaskKind, look: lookFor(source, kind as TaskKind) });
    } catch (error) {
      if (!(error instanceof DatasetError)) throw error;
      errors.push(error);
    }
  }
  const [first] = looks;
  if (!first) return asked(errors);
  const fits = kinds.length > 1 ? [`fits ${looks.map(({ task }) => task).join(', ')}`] : [];
  return { facts: [...first.look.facts, ...fits], warnings: first.look.warnings };
}

/** What a trial has to be told, if that is all. @throws DatasetError otherwise */
function asked(errors: readonly DatasetError[]): Look {
  const mended = errors.find(({ option }) => option?.startsWith('dataset.'));
  if (!mended) throw errors[0]!;
  return { facts: [], warnings: [mended.message] };
}

/** How a task would read the data. */
function lookFor(source: DataSource, kind: TaskKind, missing: 'error' | 'previous' = 'error'): Look {
  const least = kind === 'forecasting' ? { lookback: 1 } : {};
  const { dataset, task } = trialSpec.parse({
    dataset: { name: 'a', missing: kind === 'forecasting' ? missing : 'error' },
    task: { kind, ...least },
  });
  try {
    const { facts = [], warnings = [] } = prepare(source, { dataset, task });
    // What a trial makes of it depends on its own options.
    return { facts: kind === 'forecasting' ? facts.slice(0, -1) : facts, warnings };
  } catch (error) {
    if (!(error instanceof DatasetError) || error.option !== 'dataset.missing' || missing === 'previous') throw error;
    const look = filledLook(source, kind);
    if (!look) throw error;
    return { facts: look.facts, warnings: [error.message, ...look.warnings] };
  }
}

function filledLook(source: DataSource, kind: TaskKind): Look | undefined {
  try {
    return lookFor(source, kind, 'previous');
  } catch {
    return undefined;
  }
}
