import type { Command } from 'commander';
import { addSweepDetailCommands } from '../describe';
import { addChangeCommands } from './change';
import { addEditCommand } from './edit';
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
  addChangeCommands(sweep);
  addEditCommand(sweep);
  addSweepDetailCommands(sweep);
  addRungsCommand(sweep);
  addReplayCommand(sweep);
}
