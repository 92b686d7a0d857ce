import { version } from '@unroll/config';
import { Command } from 'commander';
import { beQuiet } from '../show/text';
import { addAccountCommands } from './account';
import { addAuditCommand } from './audit';
import { addBackupCommands } from './backup';
import type { AddCommands } from './command';
import { addCompareCommand } from './compare';
import { addCompletionCommands } from './completion';
import { addCompressCommand } from './compress';
import { addDatabaseCommands } from './database';
import { addDatasetCommands } from './dataset';
import { addDoctorCommand } from './doctor';
import { addEvaluateCommand } from './evaluate';
import { addExportCommand } from './export';
import { addGenerateCommand } from './generate';
import { addImportCommand } from './import';
import { addInitCommand } from './init';
import { addKeyCommands } from './key';
import { addLinkCommands } from './link';
import { addLeaderboardCommand } from './leaderboard';
import { addModelCommands } from './model';
import { addPredictCommand } from './predict';
import { addReportCommands } from './report';
import { addServeCommand } from './serve';
import { addStartCommand } from './start';
import { addSweepCommands } from './sweep/sweep';
import { addTeamCommands } from './team';
import { addTrainCommand } from './train';
import { addTrialCommands } from './trial';
import { addVerifyCommand } from './verify';
import { addWebhookCommands } from './webhook';
import { addWorkerCommand } from './worker';

/**
 * The commands, by the names that they add to the program. Their modules are loaded where they are called (.swcrc says so): a command
 * loads its own alone.
 */
const parts: readonly (readonly [names: string, add: AddCommands])[] = [
  ['start', (to) => addStartCommand(to)],
  ['init', (to) => addInitCommand(to)],
  ['sweep', (to) => addSweepCommands(to)],
  ['leaderboard', (to) => addLeaderboardCommand(to)],
  ['trial', (to) => addTrialCommands(to)],
  ['compare', (to) => addCompareCommand(to)],
  ['import', (to) => addImportCommand(to)],
  ['dataset', (to) => addDatasetCommands(to)],
  ['train', (to) => addTrainCommand(to)],
  ['generate', (to) => addGenerateCommand(to)],
  ['predict', (to) => addPredictCommand(to)],
  ['evaluate', (to) => addEvaluateCommand(to)],
  ['compress', (to) => addCompressCommand(to)],
  ['export', (to) => addExportCommand(to)],
  ['serve', (to) => addServeCommand(to)],
  ['model', (to) => addModelCommands(to)],
  ['login logout whoami', (to) => addAccountCommands(to)],
  ['key', (to) => addKeyCommands(to)],
  ['link', (to) => addLinkCommands(to)],
  ['report', (to) => addReportCommands(to)],
  ['team member', (to) => addTeamCommands(to)],
  ['audit', (to) => addAuditCommand(to)],
  ['webhook', (to) => addWebhookCommands(to)],
  ['worker', (to) => addWorkerCommand(to)],
  ['verify', (to) => addVerifyCommand(to)],
  ['backup restore', (to) => addBackupCommands(to)],
  ['database', (to) => addDatabaseCommands(to)],
  ['doctor', (to) => addDoctorCommand(to)],
  ['completion complete', (to) => addCompletionCommands(() => bare(others))(to)],
];
/** The program without the commands of completion, for which these answer. */
const others = parts.slice(0, -1);

/** The part that the words of a command line begin with; all parts if they name none. */
function named(words: readonly string[]): typeof parts {
  const [first, second] = words;
  const name = first === '-q' || first === '--quiet' ? second : first;
  const own = parts.filter(([names]) => name !== undefined && names.split(' ').includes(name));
  return own.length > 0 ? own : parts;
}

/** The command `unroll` with the subcommands of these parts. */
function bare(of: typeof parts): Command {
  const unroll = new Command('unroll')
    .description('Hyperparameter search for recurrent networks.')
    .version(version)
    .option('-q, --quiet', 'print data and errors only, without notes and progress')
    .hook('preAction', (command) => void (command.opts<{ quiet?: boolean }>().quiet && beQuiet()));
  for (const [, add] of of) add(unroll);
  return unroll;
}

/** The command `unroll`: with the subcommand that `words`, a command line, begin with, or else with all. */
export function program(words: readonly string[] = []): Command {
  const unroll = bare(named(words));
  const strictly = (command: Command): void => {
    command
      .exitOverride()
      .showSuggestionAfterError()
      .configureOutput({ outputError: () => undefined });
    command.commands.forEach(strictly);
  };
  strictly(unroll);
  return unroll;
}
