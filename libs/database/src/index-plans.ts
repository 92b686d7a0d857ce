/**
 * SQL: the settings of functions whose plans are made while tables are small, and are then kept: rows are found by indexes, not by scans of
 * whole tables, hashes or merges. Up to PostgreSQL 17, what is off and cannot be avoided adds 1e10 to the cost of a plan, and such a plan
 * would be compiled.
 */
export const indexPlans = `set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off`;
