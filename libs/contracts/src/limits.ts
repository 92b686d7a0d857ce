/** What a request may ask for, at most. Anything above is refused before it costs memory or time. */
export const limits = {
  /** Configurations of one sweep. */
  configurations: 100_000,
  /** Seeds that each configuration is trained with. */
  repeats: 1_000,
  /** Values in one `choice` or `grid`. */
  options: 1_000,
  /** Configurations of a sweep with several objectives: all of them are compared with each other. */
  severalObjectives: 10_000,
  /** Conditions between the parameters of one sweep. */
  constraints: 20,
  /** Configurations that a sweep names itself. */
  started: 1_000,
  /** Earlier sweeps that a search begins with. */
  earlierSweeps: 20,
  /** Bytes of a JSON or YAML body. */
  bodyBytes: 1_000_000,
  /** Nested levels of a JSON or YAML document. */
  depth: 64,
  /** Entries of one list of a JSON or YAML document. */
  entries: 2_000,
  /** Keys of one mapping of a JSON or YAML document. */
  keys: 250,
  /** Aliases that a YAML document may expand. */
  yamlAliases: 100,
  /** Rows of one page of a list. */
  page: 1_000,
  /** Conditions of one leaderboard. */
  conditions: 20,
  /** Values that one condition of a leaderboard names. */
  conditionValues: 100,
  /** Curves that are asked for at once, and of those that are compared over sweeps. */
  curves: 500,
  compared: 10,
  /** Trials whose parameters and values are asked for at once. */
  points: 10_000,
  /** Characters of the path that a saved view leads to. */
  viewPath: 4_000,
  /** Views that a team saves. */
  views: 1_000,
} as const;
