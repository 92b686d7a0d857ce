/** What a person or a key may do, from the least to the most; each includes those before it. */
export const roles = ['viewer', 'submitter', 'admin'] as const;
export type Role = (typeof roles)[number];

/**
 * Whom a route admits: anyone (`open`), a member of the team with at least this role, or an `operator`, an admin of the team `local`, who
 * also creates the other teams.
 */
export const accesses = ['open', ...roles, 'operator'] as const;
export type Access = (typeof accesses)[number];

/** The team that exists from the start, and owns everything that was made before there were teams. */
export const localTeam = 'local';

/** Whether `role` includes what `wanted` may do. */
export const includesRole = (role: Role, wanted: Role): boolean => roles.indexOf(role) >= roles.indexOf(wanted);
