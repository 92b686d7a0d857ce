/** A pattern for names of parameters and metrics, those that a study chooses itself among them: what leaderboards sort and filter by. */
export const columnPattern = '[A-Za-z_][\\w./ -]{0,99}';

export const columnName = new RegExp(`^${columnPattern}$`);
