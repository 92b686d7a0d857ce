import type { EngineName } from '@unroll/contracts';
import {
  combinations,
  describeEngines,
  openEngine,
  referenceEngine,
  verifyTasks,
  type Combinations,
  type TaskVerification,
} from '@unroll/training';
import { Resumers } from '../conformance/resumers';
import { openNamedEngine } from '../engines';
import { CommandFailed } from '../errors/command-failed';
import { openProgress } from '../show/progress';
import { table } from '../show/table';
import { note, say, sayJson } from '../show/text';
import { kernelsOf, requireKernels } from './verify-kernels';

export interface TaskOptions {
  /** An engine, or auto for every one that is available. */
  engine: string;
  all?: boolean | undefined;
  json?: boolean | undefined;
}

/** Milliseconds between two lines of progress. */
const lineInterval = 10_000;

/** The engines to verify. @throws CommandFailed for a named one that is not available */
async function chooseEngines(name: string): Promise<EngineName[]> {
  if (name !== 'auto') return [(await openNamedEngine(name)).name];
  const { engines } = await describeEngines();
  return engines.filter(({ available }) => available).map((engine) => engine.name);
}

/** Trains whole trials on engines and compares them. @throws CommandFailed where one differs */
export async function verifyTasksCommand({ engine, all, json }: TaskOptions): Promise<void> {
  const engines = await chooseEngines(engine);
  for (const each of engines) requireKernels(each, await kernelsOf(await openEngine(each)));
  const generated = combinations(all ? 'all' : 'pairs');
  const { tried } = generated;
  if (!json) note(`${tried.length} combinations on ${engines.join(', ')}, held against ${referenceEngine} ...`);
  const progress = openProgress('trainings', json === true);
  const resumers = new Resumers();
  const of = tried.length * engines.length;
  let [done, failed, lineAt] = [0, 0, performance.now()];
  const verifications = await verifyTasks(tried, {
    engines,
    resume: resumers.resume,
    onCase({ problems }) {
      done++;
      if (problems.length > 0) failed++;
      const text = `${failed} failed`;
      const isDue = performance.now() - lineAt > lineInterval;
      if (isDue) lineAt = performance.now();
      progress.show({ done, of, text, line: isDue ? `${done}/${of} trainings, ${text}` : undefined });
    },
  });
  progress.end();
  resumers.end();
  const failures = verifications.filter(({ problems }) => problems.length > 0);
  if (json) sayJson(toJson(engines, generated, verifications));
  else sayResults(engines, generated, verifications);
  if (failures.length > 0)
    throw new CommandFailed(
      `${failures.length} of ${verifications.length} trainings are wrong: do not train such trials`,
    );
}

const isFailed = ({ problems }: TaskVerification): boolean => problems.length > 0;

const toJson = (
  engines: readonly EngineName[],
  { tried, refused }: Combinations,
  all: readonly TaskVerification[],
) => ({
  passed: !all.some(isFailed),
  engines,
  combinations: tried.length,
  refused: refused.length,
  failures: all.filter(isFailed),
});

function sayResults(
  engines: readonly EngineName[],
  { tried, refused }: Combinations,
  all: readonly TaskVerification[],
): void {
  for (const { name, engine, problems } of all.filter(isFailed)) {
    say(`${engine}: ${name}`);
    for (const problem of problems) say(`  ${problem}`);
  }
  const rows = engines.map((engine) => {
    const failed = all.filter((each) => each.engine === engine && isFailed(each)).length;
    return [engine, String(tried.length), String(refused.length), String(failed), failed === 0 ? 'ok' : 'FAILED'];
  });
  say(table(['engine', 'trained', 'refused', 'failed', ''], rows, [1, 2, 3]));
}
