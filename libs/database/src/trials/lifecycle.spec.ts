import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { transitions } from './lifecycle';

const root = join(__dirname, '..', '..', '..', '..');

/** The folder of the one file, or files, that may write the states of each table. */
const writers = {
  trials: 'libs/database/src/trials/transitions/',
  attempts: 'libs/database/src/trials/transitions/',
  sweeps: 'libs/database/src/sweeps/lifecycle.ts',
};

/** Tables of the same names in databases of other tools. */
const foreign = /\/interchange\//;

function sources(): string[] {
  return ['apps', 'libs'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ts|tsx|mjs)$/.test(name) && !/\.spec\.ts$|node_modules|\/migrations\//.test(name))
      .filter((name) => !foreign.test(name))
      .map((name) => join(root, folder, name)),
  );
}

/** The assignments of an `update`: what follows `set`, up to the clause behind them. Subqueries are left out. */
function assignments(sql: string): string {
  let depth = 0;
  let plain = '';
  for (const character of sql) {
    if (character === ')') depth -= 1;
    if (depth < 0) break;
    if (depth === 0) plain += character;
    if (character === '(') depth += 1;
  }
  return plain.split(/\b(?:from|where|returning)\b/)[0]!;
}

/** The tables whose state a text writes. */
function statesWritten(text: string): (keyof typeof writers)[] {
  return (Object.keys(writers) as (keyof typeof writers)[]).filter((table) => {
    const updates = [...text.matchAll(new RegExp(`\\bupdate ${table}(?: \\w+)? set\\b`, 'g'))];
    const inserts = new RegExp(`\\binsert into ${table}\\b`).test(text);
    return (
      inserts ||
      updates.some(({ index, 0: found }) => /\bstate\s*=/.test(assignments(text.slice(index + found.length))))
    );
  });
}

describe('the states of trials, attempts and sweeps', () => {
  it('are written in one place', () => {
    const found = sources().flatMap((path) => {
      const name = relative(root, path);
      return statesWritten(readFileSync(path, 'utf8')).map((table) => ({ table, name }));
    });
    expect(found.filter(({ table, name }) => !name.startsWith(writers[table]))).toEqual([]);
    expect([...new Set(found.map(({ name }) => name.split('/').at(-1)))].sort()).toEqual(
      [
        ...['ask.ts', 'begin-attempts.ts', 'cancel.ts', 'claim.ts', 'finish.ts', 'freeze.ts', 'give-up.ts', 'join.ts'],
        ...['lifecycle.ts', 'propose.ts', 'prune.ts', 'retry.ts', 'reuse.ts', 'turn.ts'],
      ].sort(),
    );
  });

  it('are never written through entities', () => {
    const found = sources().filter((path) =>
      /(?:\.update|\.save|\.upsert)\((?:Trial|Attempt)\b|getRepository\((?:Trial|Attempt)\)\s*\.(?:update|save|insert|upsert)/.test(
        readFileSync(path, 'utf8'),
      ),
    );
    expect(found).toEqual([]);
  });

  it('are found by this test wherever an update assigns them', () => {
    expect(statesWritten(`update trials set state = 'pending' where id = $1`)).toEqual(['trials']);
    expect(statesWritten(`update attempts set lanes = (select 1 from a), state = $2`)).toEqual(['attempts']);
    expect(statesWritten(`update trials set value = 1 where state = 'pending'`)).toEqual([]);
    expect(statesWritten(`select 1 from trials where state = 'running'`)).toEqual([]);
  });
});

describe('the table of transitions', () => {
  it('leaves what has a result alone: only a retry moves a trial that has ended, and a rule that resumes one that it stopped', () => {
    const ended = ['completed', 'pruned', 'diverged', 'failed', 'cancelled'];
    const moving = Object.entries(transitions).filter(([, { trial }]) => ended.some((state) => state in trial));
    expect(moving.map(([name]) => name)).toEqual(['thaw', 'retry']);
    expect(transitions.thaw).toEqual({ by: 'stopping rule', trial: { pruned: ['pending'] } });
    expect(Object.keys(transitions.retry.trial)).toEqual(['failed', 'cancelled']);
  });
});
