/** Maximum sizes of requests. Larger ones are refused before they cost memory or time. */
export const limits = {
  /** Configurations of one sweep. */
  configurations: 100_000,
  /** Seeds that each configuration is trained with. */
  repeats: 1_000,
  /** Values in one `choice` or `grid`. */
  options: 1_000,
  /** Configurations of a sweep with several objectives, which are compared pairwise. */
  severalObjectives: 10_000,
  /** Constraints of one sweep. */
  constraints: 20,
  /** Configurations that a sweep enqueues. */
  started: 1_000,
  /** Earlier sweeps that a search starts from. */
  earlierSweeps: 20,
  /** Bytes of a JSON or YAML body. */
  bodyBytes: 1_000_000,
  /** Characters of a YAML document, which takes far longer to parse than JSON of the same size. */
  yamlLength: 64_000,
  /** Tokens of a YAML document: lines, words and signs. Each takes a microsecond. */
  yamlTokens: 30_000,
  /** Values of a JSON or YAML document, lists and mappings included. */
  values: 20_000,
  /** Nested levels of a JSON or YAML document. */
  depth: 64,
  /** Entries of one list of a JSON or YAML document. */
  entries: 2_000,
  /** Keys of one mapping of a JSON or YAML document. */
  keys: 250,
  /** Aliases that a YAML document may expand. */
  yamlAliases: 100,
  /** Steps of all sequences of a generated data set together. */
  generatedSteps: 10_000_000,
  /** Rows of one page of a list. */
  page: 1_000,
  /** Conditions of one leaderboard. */
  conditions: 20,
  /** Values in one condition of a leaderboard. */
  conditionValues: 100,
  /** Curves per request, and curves compared across sweeps. */
  curves: 500,
  compared: 10,
  /** Trials per request for parameters and values. */
  points: 10_000,
  /** Characters that name a trial: its id, or the name of a sweep before ":best". */
  trialName: 120,
  /** Characters of the path of a saved view. */
  viewPath: 4_000,
  /** Saved views of a team. */
  views: 1_000,
  /** Characters of a person's name, and of a key's. */
  personName: 60,
  keyName: 60,
  email: 254,
  /** Characters of a note, and tags of one sweep or trial. */
  noteLength: 20_000,
  tags: 20,
  /** Entries of a team's diary, and reviews of one configuration. */
  diaryEntries: 10_000,
  reviews: 100,
  /** Reports of a team; characters and charts of one. */
  reports: 1_000,
  reportLength: 100_000,
  reportCharts: 20,
  /** Members of a team, and valid keys of a member. */
  members: 1_000,
  memberKeys: 100,
  /** Valid links of a team. */
  links: 1_000,
  /** Registered models of a team, versions of one that were ever registered, and its aliases. */
  models: 1_000,
  modelVersions: 10_000,
  modelAliases: 20,
  /** Webhooks of a team. */
  webhooks: 50,
  /** Characters of a prompt, tokens that are written for it, and prompts of a team that are answered at once. */
  promptLength: 10_000,
  generatedTokens: 2_000,
  prompts: 4,
} as const;
