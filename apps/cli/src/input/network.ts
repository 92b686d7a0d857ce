import type { ModelHeader } from '@unroll/contracts';
import { kindRead, rolesOf, type DataSource } from '@unroll/datasets';
import { buffer } from 'node:stream/consumers';
import { CommandFailed } from '../errors/command-failed';
import { fileSource } from './data-sources';

/** What the option `what` names: a file or folder, or - for the standard input. @throws CommandFailed if it cannot be read */
export async function inputSource(
  path: string,
  header: Pick<ModelHeader, 'spec' | 'reading'>,
  what = '--input',
): Promise<DataSource> {
  const kind = kindRead(header.spec.task, header.reading);
  if (path !== '-') return fileSource(path, kind, what);
  if (process.stdin.isTTY) throw new CommandFailed(`${what} -: nothing is piped into the standard input`, 2);
  return { kind, bytes: await buffer(process.stdin) };
}

/** The names of the columns that a model forecasts. */
export const targetNames = ({ spec, reading: { columns = [] } }: ModelHeader): string[] =>
  spec.task.kind === 'forecasting' ? rolesOf(columns, spec.task).targets.map((target) => columns[target]!) : [];
