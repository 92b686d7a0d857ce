/** SQL: trials are those of a configuration of a sweep with so many seeds: trials_of_sweep finds them among any number of others. */
export const numberedAs = (configuration: string, seeds: string): string =>
  `trials.number >= ${configuration} * ${seeds} and trials.number < (${configuration} + 1) * ${seeds}`;

/** The same where the number of seeds is not at hand. */
export const seedsOf = (configuration: string, sweepId: string): string =>
  numberedAs(configuration, `(select total / configurations from sweeps where id = ${sweepId})`);
