import { dataSourceOptions, migrate } from '@unroll/database';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataSource, type Logger } from 'typeorm';
import { createDatabase } from './database';

interface Statement {
  sql: string;
  parameters: unknown[];
}

/** Keeps the statements that a data source sends. */
class Recorder implements Logger {
  readonly statements: Statement[] = [];

  logQuery(sql: string, parameters: unknown[] = []): void {
    if (/^\s*(select|with|insert|update|delete)\b/i.test(sql)) this.statements.push({ sql, parameters });
  }

  logQueryError(): void {}
  logQuerySlow(): void {}
  logSchemaBuild(): void {}
  logMigration(): void {}
  log(): void {}
}

interface PlanNode {
  'Node Type': string;
  'Join Type'?: string;
  'Index Name'?: string;
  'Relation Name'?: string;
  'CTE Name'?: string;
  'Subplan Name'?: string;
  Operation?: string;
  Plans?: PlanNode[];
}

/** A plan as its node types and what they read: what stays the same while the data do. */
function shapeOf(node: PlanNode, depth = 0): string {
  const { 'Node Type': type, 'Join Type': kind, 'Index Name': index, 'Relation Name': table } = node;
  const name = [
    ...(node['Subplan Name'] ? [`${node['Subplan Name']}:`] : []),
    ...(node.Operation ? [node.Operation] : []),
    ...(kind && kind !== 'Inner' ? [kind] : []),
    ...(node.Operation ? [] : [type]),
    ...(index ? [`using ${index}`] : []),
    ...(table ? [`on ${table}`] : []),
    ...(node['CTE Name'] ? [`on ${node['CTE Name']}`] : []),
  ].join(' ');
  const below = (node.Plans ?? []).map((each) => shapeOf(each, depth + 1));
  return [`${'  '.repeat(depth)}${name}`, ...below].join('\n');
}

/** Lines without the indentation that they share after the first. */
function dedent(sql: string): string {
  const [first = '', ...others] = sql.trim().split('\n');
  const indents = others.filter((line) => line.trim()).map((line) => /^ */.exec(line)![0].length);
  const shared = Math.min(...indents, Infinity);
  return [first, ...others.map((line) => line.slice(Number.isFinite(shared) ? shared : 0).trimEnd())].join('\n');
}

/** A database whose statements are recorded, with their plans. */
export class PlannedDatabase {
  private constructor(
    readonly dataSource: DataSource,
    private readonly recorder: Recorder,
    /** Plans are compared on the version of PostgreSQL that they were written with. */
    readonly major: number,
  ) {}

  static async open(): Promise<PlannedDatabase> {
    const recorder = new Recorder();
    const options = { ...dataSourceOptions(await createDatabase()), logging: ['query' as const], logger: recorder };
    const dataSource = new DataSource(options);
    await dataSource.initialize();
    await migrate(dataSource);
    const [{ major }] = await dataSource.query(
      `select current_setting('server_version_num')::integer / 10000 as major`,
    );
    return new PlannedDatabase(dataSource, recorder, major);
  }

  /** The statements that an action sends, each with the shape of its plan. The same text is given once. */
  async plansOf(action: (dataSource: DataSource) => Promise<unknown>): Promise<string> {
    this.recorder.statements.length = 0;
    await action(this.dataSource);
    const sent = new Map(this.recorder.statements.map((statement) => [statement.sql, statement]));
    const parts: string[] = [];
    for (const { sql, parameters } of sent.values()) {
      const [row] = await this.dataSource.query<{ 'QUERY PLAN': { Plan: PlanNode }[] }[]>(
        `explain (costs off, format json) ${sql}`,
        parameters,
      );
      parts.push(`${dedent(sql)}\n\n${shapeOf(row!['QUERY PLAN'][0]!.Plan).replace(/^/gm, '  ')}\n`);
    }
    return parts.join('\n');
  }
}

/** Whether what is committed is written anew rather than compared. */
const isUpdating = process.env.UNROLL_UPDATE_PLANS === '1';

/** Expects the plans of a query to be those in the file beside it. */
export function expectPlans(path: string, plans: string): void {
  const file = join(__dirname, '..', '..', 'libs', 'database', 'src', `${path}.plan.txt`);
  if (isUpdating) writeFileSync(file, plans);
  // They differ? Look whether the new ones are as good, then run this spec with UNROLL_UPDATE_PLANS=1.
  expect(plans).toBe(existsSync(file) ? readFileSync(file, 'utf8') : `${path}.plan.txt, which is missing`);
}
