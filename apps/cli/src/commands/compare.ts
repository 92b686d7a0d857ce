import type { Comparison } from '@unroll/contracts';
import type { Command } from 'commander';
import { call } from '../api/client';
import { table } from '../show/table';
import { number, say, sayJson } from '../show/text';
import { example } from './command';

const between = (interval: readonly [number, number] | null): string =>
  interval ? `${number(interval[0])} to ${number(interval[1])}` : '-';

/** What the paired test says of two configurations, in a sentence. */
export function verdict({ objective, first, second, difference, pairs }: Comparison): string {
  if (!difference) {
    const seeds = pairs.length === 1 ? 'one seed' : 'no seeds';
    return `The two have ${seeds} in common, and a paired test needs two: repeat both with search.repeats or search.seeds.`;
  }
  const { mean, p, n } = difference;
  const ahead = mean < 0 === (objective.goal === 'minimize') ? first : second;
  const test = `paired t-test over ${n} seeds, p = ${number(p)}`;
  if (mean === 0 || p >= 0.05) return `No difference that the seeds do not explain (${test}).`;
  return `${ahead.trialId} is better by ${number(Math.abs(mean))} (${test}).`;
}

async function compare(first: string, second: string, { json }: { json?: boolean }): Promise<void> {
  const comparison = await call<Comparison>('/v1/comparison', { query: { first, second } });
  if (json) return sayJson(comparison);
  const { objective, pairs, difference } = comparison;
  const rows = [comparison.first, comparison.second].map(({ trialId, sweepId, n, mean, deviation, interval }) => [
    trialId,
    sweepId,
    String(n),
    number(mean),
    number(deviation),
    between(interval),
  ]);
  say(table(['trial', 'sweep', 'seeds', `mean ${objective.metric}`, '±', '95 %'], rows, [2, 3, 4]));
  if (pairs.length > 0) {
    say();
    const paired = pairs.map((pair) => [pair.seed, pair.first, pair.second, pair.first - pair.second].map(number));
    if (difference) paired.push(['mean', '', '', `${number(difference.mean)} (95 %: ${between(difference.interval)})`]);
    say(table(['seed', comparison.first.trialId, comparison.second.trialId, 'difference'], paired, [0, 1, 2, 3]));
  }
  say();
  say(verdict(comparison));
}

export function addCompareCommand(program: Command): void {
  program
    .command('compare <first> <second>')
    .description('compare the configurations of two trials seed by seed, with a paired t-test')
    .option('--json', 'print it as JSON')
    .addHelpText('after', example('unroll compare best q7k2m9xa', 'unroll compare lstm-sweep:best gru-sweep:best'))
    .action(compare);
}
