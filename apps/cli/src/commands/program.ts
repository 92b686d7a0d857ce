import { version } from '@unroll/config';
import { Command } from 'commander';
import { addAccountCommands } from './account';
import { addAuditCommand } from './audit';
import { addBackupCommands } from './backup';
import { beQuiet } from '../show/text';
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

const parts = [
  addStartCommand,
  addInitCommand,
  addSweepCommands,
  addLeaderboardCommand,
  addTrialCommands,
  addCompareCommand,
  addImportCommand,
  addDatasetCommands,
  addTrainCommand,
  addGenerateCommand,
  addPredictCommand,
  addEvaluateCommand,
  addCompressCommand,
  addExportCommand,
  addServeCommand,
  addModelCommands,
  addAccountCommands,
  addKeyCommands,
  addLinkCommands,
  addReportCommands,
  addTeamCommands,
  addAuditCommand,
  addWebhookCommands,
  addWorkerCommand,
  addVerifyCommand,
  addBackupCommands,
  addDatabaseCommands,
  addDoctorCommand,
];

/** The command `unroll` with its subcommands, but for those of completion. */
function bare(): Command {
  const unroll = new Command('unroll')
    .description('Hyperparameter search for recurrent networks.')
    .version(version)
    .option('-q, --quiet', 'print data and errors only, without notes and progress')
    .hook('preAction', (command) => void (command.opts<{ quiet?: boolean }>().quiet && beQuiet()));
  for (const add of parts) add(unroll);
  return unroll;
}

/** The command `unroll` with all its subcommands. */
export function program(): Command {
  const unroll = bare();
  addCompletionCommands(bare)(unroll);
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
