import { observed } from './observed';
import { commitWork as commit, renewLeases as renew } from './trials/commit-work';
import { claimTrials as claim } from './trials/transitions/claim';
import { joinGroup as join } from './trials/transitions/join';

/** What workers do to trials, as they call it: each can be observed (observed.ts). */
export const claimTrials = observed('claim', claim);
export const joinGroup = observed('join', join);
export const renewLeases = observed('renew', renew);
export const commitWork = observed('commit', commit);
