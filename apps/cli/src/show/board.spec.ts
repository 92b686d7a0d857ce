import type { Leaderboard, LeaderboardRow } from '@unroll/contracts';
import { stripVTControlCharacters } from 'node:util';
import { boardTable } from './board';

const row = (changes: Partial<LeaderboardRow> = {}): LeaderboardRow => ({
  rank: 1,
  tied: false,
  trialId: 'aaaaaaaa',
  sweepId: 'ssssssss',
  sweepName: 'small',
  configuration: 0,
  name: null,
  value: 2.5,
  deviation: null,
  interval: null,
  bestProbability: null,
  difference: null,
  metric: 'validation.bitsPerToken',
  parameters: { 'model.cell': 'gru' },
  seed: 0,
  repeats: 1,
  metrics: {},
  state: 'completed',
  updates: 300,
  seconds: 12.34,
  engine: 'wasm',
  precision: 'float32',
  lanes: 4,
  finishedAt: null,
  tags: [],
  hasNote: false,
  ...changes,
});
const baseline = (value: number): LeaderboardRow =>
  row({
    rank: null,
    trialId: null,
    name: 'character bigram',
    value,
    parameters: {},
    state: 'baseline',
    engine: null,
    seconds: null,
    updates: 0,
  });
const board = (
  items: LeaderboardRow[],
  baselines: LeaderboardRow[] = [],
  goal: 'minimize' | 'maximize' = 'minimize',
): Leaderboard => ({
  objective: { metric: 'validation.bitsPerToken', goal },
  items,
  baselines,
  pinned: null,
  settings: {},
  nextCursor: null,
  previousCursor: null,
  total: items.length,
  sorts: ['value'],
  descending: goal === 'maximize',
});

describe('a leaderboard as a table', () => {
  it('has the precision of trials where one is not float32, searched or not', () => {
    expect(boardTable(board([row(), row({ precision: null })]))).not.toContain('precision');
    const mixed = boardTable(board([row(), row({ precision: 'bfloat16' })], [baseline(3)]));
    expect(mixed).toMatch(/precision[^]*float32[^]*bfloat16/);
  });

  const lines = (shown: Leaderboard): string[] =>
    stripVTControlCharacters(boardTable(shown))
      .split('\n')
      .map((line) => line.trim().replaceAll(/ {2,}/g, ' | '));

  it('shows every row, with baselines in order of value', () => {
    const second = row({ rank: 2, trialId: 'bbbbbbbb', value: 3 });
    expect(lines(board([row(), second], [baseline(2.75)]))).toEqual([
      '# | trial | validation.bitsPerToken | parameters | state | updates | time',
      '1 | aaaaaaaa | 2.5 | cell gru | completed | 300 | 12.3 s',
      '2.75 | character bigram | baseline',
      '2 | bbbbbbbb | 3 | cell gru | completed | 300 | 12.3 s',
    ]);
  });

  it('puts the largest value first if the goal is to maximize', () => {
    const shown = lines(board([row({ value: 9 }), row({ rank: 2, value: 7 })], [baseline(8)], 'maximize'));
    expect(shown.slice(1).map((line) => /\d+(?= \| (?:cell|character))/.exec(line)?.[0])).toEqual(['9', '8', '7']);
  });

  it('orders a baseline against a single row for either goal', () => {
    const first = (goal: 'minimize' | 'maximize') => lines(board([row({ value: 7 })], [baseline(8)], goal))[1];
    expect(first('minimize')).toContain('cell gru');
    expect(first('maximize')).toContain('character bigram');
  });

  it('shows the spread of repeated configurations', () => {
    const [head, first] = lines(
      board([row({ repeats: 3, deviation: 0.123456, interval: [2.19333, 2.8], tied: true })]),
    );
    expect(head).toBe('# | trial | validation.bitsPerToken | ± | n | 95 % | parameters | state | updates | time');
    expect(first).toBe('1= | aaaaaaaa | 2.5 | 0.1235 | 3 | 2.193 to 2.8 | cell gru | completed | 300 | 12.3 s');
  });

  it('says when it is empty', () => {
    expect(boardTable(board([]))).toBe('No trial has reported yet.');
  });

  it('names the sweep of each row if there are several, and keeps another sort order', () => {
    const rows = [row({ value: 9, sweepId: 'tttttttt', sweepName: 'wide', rank: 2 }), row({ value: 1 })];
    const whole = { ...board(rows, [baseline(5)]) };
    const shown = stripVTControlCharacters(boardTable(whole, false))
      .split('\n')
      .map((line) => line.trim().split(/\s{2,}/));
    expect(shown[0]!.slice(0, 3)).toEqual(['#', 'trial', 'sweep']);
    expect(
      shown.slice(1).map((line) => line.find((cell) => ['wide', 'small', 'character bigram'].includes(cell))),
    ).toEqual(['wide', 'small', 'character bigram']);
  });
});
