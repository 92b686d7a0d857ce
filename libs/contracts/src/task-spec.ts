import { shorthand } from './strict';
import { task, taskKinds } from './tasks';

export const taskShorthand = shorthand('kind', taskKinds, task, 'What is learned.');
