/** SQL: trials are those of a configuration of a sweep, by their numbers: trials_of_sweep finds them among any number of others. */
export function seedsOf(configuration: string, sweepId: string): string {
  const seeds = `(select total / configurations from sweeps where id = ${sweepId})`;
  return `trials.number >= ${configuration} * ${seeds} and trials.number < (${configuration} + 1) * ${seeds}`;
}
