/**
 * SQL: the seconds of a trial whose attempt since `since` ends now, with those of the attempts that it continues. A trial that a rule stops
 * does not say them itself; what a crash or a lost lease took was done again. By attempts_of_trial.
 */
export const secondsWith = (since: string): string => `extract(epoch from clock_timestamp() - ${since}) + coalesce((
              select sum(extract(epoch from earlier.finished_at - earlier.started_at) order by earlier.started_at) from attempts earlier
              where earlier.trial_id = trials.id and earlier.state in ('succeeded', 'released')), 0)`;
