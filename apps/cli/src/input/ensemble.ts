import { limits, type Leaderboard, type SweepView } from '@unroll/contracts';
import { combinationProblem, type Model } from '@unroll/training';
import { call } from '../api/client';
import { CommandFailed } from '../errors/command-failed';
import { modelArgument, openModel } from './models';

/** Help text of the argument that names one or several models. */
export const modelsArgument = `${modelArgument}; several answer as one`;
/** Help text of --top. */
export const topOption = 'of a sweep (best, SWEEP or SWEEP:best): as many of its best configurations as one';

export interface NamedModel extends Model {
  /** As it was asked for, or the trial of a sweep. */
  name: string;
}

/** The trials of the `top` best configurations of a sweep that have a model. @throws CommandFailed for fewer, or several objectives */
async function bestTrials(name: string, top: number): Promise<string[]> {
  const sweep = name === 'best' ? 'last' : name.replace(/:best$/, '');
  const path = `/v1/sweeps/${encodeURIComponent(sweep)}`;
  const { objectives } = await call<SweepView>(path);
  if (objectives.length > 1)
    throw new CommandFailed('--top: a sweep with several objectives has no best configurations; name trials', 2);
  const found: string[] = [];
  let cursor: string | null | undefined;
  while (found.length < top && cursor !== null) {
    const page: Leaderboard = await call(`${path}/leaderboard`, { query: { limit: limits.page, cursor } });
    found.push(...page.items.flatMap(({ trialId, state }) => (trialId && state === 'completed' ? [trialId] : [])));
    cursor = page.nextCursor;
  }
  if (found.length < top)
    throw new CommandFailed(
      `--top ${top}: the sweep has ${found.length} configurations with a completed trial; give at most that many`,
      2,
    );
  return found.slice(0, top);
}

/**
 * The models that a command names, which can answer as one. `top`: so many of a sweep's best configurations.
 * @throws CommandFailed for one that is missing, cannot be read, or does not go with the first
 */
export async function openModels(
  names: readonly string[],
  top: number | undefined,
): Promise<[NamedModel, ...NamedModel[]]> {
  if (top !== undefined && (names.length > 1 || /\.safetensors$/.test(names[0]!)))
    throw new CommandFailed('--top: is of one sweep; name the sweep, or leave it out and name models', 2);
  const all = top === undefined ? names : await bestTrials(names[0]!, top);
  const models: NamedModel[] = [];
  for (const name of all) models.push({ name, ...(await openModel(name)) });
  const problem = combinationProblem(models.map(({ header }) => header));
  if (problem)
    throw new CommandFailed(
      `${models[problem.index]!.name}: ${problem.message}, ${models[0]!.name}; such models cannot answer as one`,
      2,
    );
  return models as [NamedModel, ...NamedModel[]];
}
