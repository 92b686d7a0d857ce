import type { Page, ReportSummary, TeamReport } from '@unroll/contracts';
import type { Command } from 'commander';
import { call } from '../api/client';
import { allPages } from '../api/pages';
import { table } from '../show/table';
import { note, say, sayJson } from '../show/text';
import { example } from './command';

const day = (time: string): string => time.slice(0, 16).replace('T', ' ');

async function list({ archived, json }: { archived?: boolean; json?: boolean }): Promise<void> {
  const { items } = await allPages<Page<ReportSummary>>('/v1/reports', archived ? { archived: 'true' } : {});
  if (json) return sayJson(items);
  if (items.length === 0)
    return say(archived ? 'No archived reports.' : 'No reports: write one on the page Reports of the dashboard.');
  const rows = items.map(({ id, title, author, createdAt, editor, editedAt }) => [
    ...[id, title, author, day(createdAt)],
    editedAt === null ? '-' : `${day(editedAt)} by ${editor}`,
  ]);
  say(table(['report', 'title', 'by', 'begun (UTC)', 'changed (UTC)'], rows));
}

async function show(id: string, { json }: { json?: boolean }): Promise<void> {
  const report = await call<TeamReport>(`/v1/reports/${encodeURIComponent(id)}`);
  if (json) return sayJson(report);
  note(`${report.title}, by ${report.author}, ${day(report.editedAt ?? report.createdAt)} (UTC)`);
  say(report.text);
}

export function addReportCommands(program: Command): void {
  const report = program.command('report').description("read the team's reports");
  report
    .command('list')
    .description("list the team's reports, newest first")
    .option('--archived', 'the archived ones')
    .option('--json', 'print them as JSON')
    .addHelpText('after', example('unroll report list'))
    .action(list);
  report
    .command('show <id>')
    .description('print a report as Markdown; the dashboard draws its charts')
    .option('--json', 'print it as JSON')
    .addHelpText('after', example('unroll report show last', 'unroll report show q7k2m9xa > report.md'))
    .action(show);
}
