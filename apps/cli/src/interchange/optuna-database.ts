import open, { type Database } from 'sql.js';
import { CommandFailed } from '../errors/command-failed';
import { refusal, type ImportedStudy, type ImportOptions } from './imported-study';
import { parseLoose } from './loose-json';
import { states, studyOf, type Stored, type StoredTrial } from './optuna';

/** How a database names what a journal numbers. */
const stateNumbers: Readonly<Record<string, number>> = {
  COMPLETE: states.complete,
  PRUNED: states.pruned,
  FAIL: states.failed,
};
const directions: Readonly<Record<string, number>> = { MINIMIZE: 1, MAXIMIZE: 2 };

type Cell = number | string | null;

/** Whether bytes are a database of SQLite. */
export const isSqlite = (bytes: Uint8Array): boolean =>
  Buffer.from(bytes.subarray(0, 16)).toString('latin1') === 'SQLite format 3\u0000';

/** The rows of a query. */
const rowsOf = (database: Database, query: string): Cell[][] => (database.exec(query)[0]?.values ?? []) as Cell[][];

/** Reads the tables of Optuna 4 and 5 (optuna/storages/_rdb/models.py, schema 12); nothing is written to the file. */
function stored(database: Database): Stored {
  const goals = rowsOf(database, 'select study_id, direction from study_directions order by study_id, objective');
  const studies = new Map(
    rowsOf(database, 'select study_id, study_name from studies order by study_id').map(([id, name]) => [
      Number(id),
      {
        name: String(name),
        directions: goals.filter(([study]) => study === id).map(([, goal]) => directions[String(goal)] ?? 0),
      },
    ]),
  );
  const trials = new Map<Cell, StoredTrial>();
  for (const [id, study, state] of rowsOf(database, 'select trial_id, study_id, state from trials order by trial_id'))
    trials.set(id!, {
      study: Number(study),
      state: stateNumbers[String(state)] ?? 0,
      values: null,
      parameters: {},
      system: {},
      reports: new Map(),
    });
  const values = rowsOf(
    database,
    "select trial_id, value from trial_values where value_type = 'FINITE' and objective = 0",
  );
  for (const [id, value] of values) {
    const trial = trials.get(id!);
    if (trial) trial.values = [Number(value)];
  }
  for (const [id, name, internal, distribution] of rowsOf(
    database,
    'select trial_id, param_name, param_value, distribution_json from trial_params order by param_id',
  )) {
    const trial = trials.get(id!);
    if (trial) trial.parameters[String(name)] = { internal: Number(internal), distribution: String(distribution) };
  }
  for (const [id, step, value, type] of rowsOf(
    database,
    'select trial_id, step, intermediate_value, intermediate_value_type from trial_intermediate_values',
  ))
    trials.get(id!)?.reports.set(Number(step), type === 'FINITE' ? Number(value) : null);
  for (const [id, key, value] of rowsOf(
    database,
    'select trial_id, "key", value_json from trial_system_attributes where "key" like \'constraints%\'',
  )) {
    const trial = trials.get(id!);
    if (trial) trial.system[String(key)] = parseLoose(String(value));
  }
  return { studies, trials: [...trials.values()] };
}

/** The study of a database of Optuna, with its completed trials. @throws CommandFailed for another database, or what a study cannot do */
export async function readOptunaDatabase(bytes: Uint8Array, options: ImportOptions): Promise<ImportedStudy> {
  const database = new (await open()).Database(bytes);
  let content: Stored;
  try {
    content = stored(database);
  } catch (error) {
    if (error instanceof CommandFailed) throw error;
    throw refusal('the database', `is none of Optuna 4 or 5 (${(error as Error).message})`);
  } finally {
    database.close();
  }
  return studyOf(content, options, 'the database');
}
