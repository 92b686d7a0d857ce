import { observed } from './observed';
import { commitWork as commit } from './trials/commit-work';
import { renewLeases as renew } from './trials/renew-leases';
import { claimTrials as claim } from './trials/transitions/claim';
import { joinGroup as join } from './trials/transitions/join';

/** What workers do to trials, as they call it: each can be observed (observed.ts). */
export const claimTrials = observed('claim', claim);
export const joinGroup = observed('join', join);
export const renewLeases = observed('renew', renew);
export const commitWork = observed('commit', commit);
