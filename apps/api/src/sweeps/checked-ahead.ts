/** First trials of a sweep, or of the new space of an edited one, whose data and tasks are checked before it is accepted. */
export const checkedAhead = 100;
