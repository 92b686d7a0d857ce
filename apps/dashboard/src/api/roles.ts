import type { Role } from '@unroll/contracts';

/** The roles, from the least to the most, repeated here because importing the contract's list would bundle its whole library. */
export const roles = ['viewer', 'submitter', 'admin'] as const satisfies readonly Role[];

export const includesRole = (role: Role, wanted: Role): boolean => roles.indexOf(role) >= roles.indexOf(wanted);
