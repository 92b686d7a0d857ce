/** Names of parameters and metrics, those that a study chooses itself among them: what leaderboards sort and filter by. */
export const columnName = /^[A-Za-z_][\w./ -]{0,99}$/;
