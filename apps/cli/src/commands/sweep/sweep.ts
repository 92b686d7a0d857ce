import type { Command } from 'commander';
import { addSweepDetailCommands } from '../describe';
import { addBestCommand } from './best';
import { addChangeCommands } from './change';
import { addEditCommand } from './edit';
import { addExportSweepCommand } from './export';
import { addListCommand } from './list';
import { addReplayCommand } from './replay';
import { addRungsCommand } from './rungs';
import { addShowCommand } from './show';
import { addSubmitCommand } from './submit';
import { addWatchCommand } from './watch';

export function addSweepCommands(program: Command): void {
  const sweep = program.command('sweep').description('submit sweeps and follow them');
  addSubmitCommand(sweep);
  addListCommand(sweep);
  addShowCommand(sweep);
  addWatchCommand(sweep);
  addBestCommand(sweep);
  addExportSweepCommand(sweep);
  addChangeCommands(sweep);
  addEditCommand(sweep);
  addSweepDetailCommands(sweep);
  addRungsCommand(sweep);
  addReplayCommand(sweep);
}
