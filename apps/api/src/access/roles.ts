import { includesRole, type Role } from '@unroll/contracts';

/** The one of two roles that may do less. */
export const lowerRole = (one: Role, other: Role): Role => (includesRole(one, other) ? other : one);
