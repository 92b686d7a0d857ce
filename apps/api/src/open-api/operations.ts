import { reports, rest, sweepsQuery } from '@unroll/contracts';
import type { z } from 'zod';
import type { ShapeName } from '../http/schemas';

/** What the OpenAPI document says of a route beside what its controller declares. */
export interface Operation {
  /** A few words, as in a table of contents. */
  summary: string;
  /** What the success means; default: the summary. */
  answer?: string;
  /** The shape of the success, where the controller declares none. */
  shape?: ShapeName;
  /** Content of the success by media type, for an answer that is no JSON. */
  content?: Readonly<Record<string, object>>;
  /** The answer of another success: its status and shape. */
  also?: { status: number; shape: ShapeName; description: string };
  query?: z.ZodObject;
  /** A body in JSON or YAML, with an example that works. */
  body?: { schema: string; example: object };
  /** Statuses of problems beside those that follow from the route: 401, 404, 409, 422 and 503. */
  problems?: readonly number[];
}

const text = { schema: { type: 'string' } };
const file = { 'application/octet-stream': {} };
const table = {
  'text/csv': text,
  'application/x-ndjson': { schema: { type: 'string', description: 'A LeaderboardRow on each line.' } },
};
const event = {
  id: '1.7',
  event: 'trial',
  data: {
    ...{ id: 'q7k2m9xa', sweepId: 'b3n8w2pd', configuration: 0, seed: 0 },
    ...{ state: 'running', value: 2.31, updates: 300, seconds: null },
  },
};
/** OpenAPI 3.1 describes a stream by the shape of each event. */
const events = { 'text/event-stream': { schema: { $ref: '#/components/schemas/Event' }, example: event } };
const written = { event: 'text', data: { text: ' be' } };
const answers = { 'text/event-stream': { schema: { $ref: '#/components/schemas/GenerateEvent' }, example: written } };
const document = [400, 413, 415];
const { pageQuery } = rest;

const exampleSweep = {
  name: 'first',
  dataset: { name: 'typescript-declarations', split: { validation: 0.03 } },
  task: 'language-model',
  model: { cell: { grid: ['rnn', 'lstm', 'gru'] }, hiddenSize: 32, embeddingSize: 32 },
  training: { bptt: 32, batchSize: 16, updates: 600, reportEvery: 50, learningRate: { logUniform: [5e-3, 3e-2] } },
  search: { algorithm: 'random', trials: 6, seed: 7 },
};

const exampleStudy = {
  name: 'my model',
  space: { lr: { logUniform: [1e-5, 1e-1] }, layers: { int: [1, 4] }, optimizer: { choice: ['adam', 'sgd'] } },
  goal: 'minimize',
  steps: 20,
  search: { trials: 50 },
};

/** By method and path. */
export const operations: Readonly<Record<string, Operation>> = {
  'POST /v1/sweeps': {
    summary: 'Submit a sweep, or plan it with dryRun',
    answer: 'The sweep was created.',
    also: {
      status: 200,
      shape: 'SweepPlan',
      description: 'With dryRun: what the sweep would do. Nothing was created.',
    },
    body: { schema: 'SweepSpec', example: exampleSweep },
    query: rest.submitQuery,
    problems: [...document, 409],
  },
  'POST /v1/studies': {
    summary: 'Create a study, whose trials are run by whoever asks for them',
    answer: 'The study was created: a sweep in every other respect.',
    body: { schema: 'StudySpec', example: exampleStudy },
    problems: document,
  },
  'POST /v1/sweeps/{id}/ask': {
    summary: 'Ask a study for the next trial',
    body: { schema: 'Ask', example: { lease: '10m', host: 'workstation' } },
    problems: document,
  },
  'POST /v1/trials/{id}/report': {
    summary: 'Report a step of an asked trial, and learn whether to stop',
    body: { schema: 'Report', example: { step: 3, value: 0.41, metrics: { accuracy: 0.87 } } },
    problems: document,
  },
  'POST /v1/trials/{id}/tell': {
    summary: 'End an asked trial with its value',
    body: { schema: 'Tell', example: { value: 0.39 } },
    problems: document,
  },
  'GET /v1/sweeps': { summary: 'Search, sort and list sweeps, by default newest first', query: sweepsQuery },
  'GET /v1/sweeps/{id}': { summary: 'Show a sweep' },
  'PATCH /v1/sweeps/{id}': {
    summary: 'Change what a running or paused sweep searches',
    body: { schema: 'Edit', example: { model: { cell: 'gru', hiddenSize: { choice: [32, 64] } } } },
    problems: document,
  },
  'DELETE /v1/sweeps/{id}': { summary: 'Delete an ended sweep and its trials' },
  'POST /v1/sweeps/{id}/cancel': { summary: 'Cancel a sweep and stop its running trials' },
  'POST /v1/sweeps/{id}/pause': { summary: 'Pause a sweep: running trials finish, no new ones start' },
  'POST /v1/sweeps/{id}/resume': { summary: 'Resume a paused sweep' },
  'POST /v1/sweeps/{id}/extend': {
    summary: 'Add configurations to a sweep',
    body: { schema: 'Extend', example: { trials: 6 } },
    problems: document,
  },
  'GET /v1/sweeps/{id}/trials': {
    summary: 'List the trials of a sweep, in the order of their proposal',
    query: rest.trialsQuery,
  },
  'GET /v1/sweeps/{id}/front': { summary: 'Rank a sweep with several objectives by Pareto fronts', query: pageQuery },
  'GET /v1/sweeps/{id}/rungs': { summary: 'Count what the stopping rule decided at each rung' },
  'GET /v1/sweeps/{id}/replay': { summary: 'Recompute proposals and verdicts from the log' },
  'GET /v1/sweeps/{id}/leaderboard': { summary: 'Rank the configurations of a sweep' },
  'GET /v1/sweeps/{id}/export': { summary: 'Export the leaderboard of a sweep', content: table },
  'GET /v1/leaderboard': { summary: 'Rank the configurations of all sweeps on a data set' },
  'GET /v1/leaderboard/export': { summary: 'Export the leaderboard of all sweeps on a data set', content: table },
  'GET /v1/boards': { summary: 'List the leaderboards of all sweeps' },
  'GET /v1/events': { summary: 'Follow all sweeps, trials and workers', content: events },
  'GET /v1/sweeps/{id}/events': { summary: 'Follow a sweep and its trials', content: events },
  'GET /v1/sweeps/{id}/importance': { summary: 'Measure the importance of parameters' },
  'GET /v1/sweeps/{id}/curves': { summary: 'Read the learning curves of a sweep' },
  'GET /v1/curves': { summary: 'Read the learning curves of trials of any sweeps' },
  'GET /v1/sweeps/{id}/points': { summary: 'Read trials as points in the space of the sweep' },
  'GET /v1/sweeps/{id}/history': { summary: 'Read the best value so far' },
  'GET /v1/comparison': { summary: 'Compare two configurations seed by seed' },
  'GET /v1/sign-in/options': { summary: 'List the ways to sign in without a key' },
  'POST /v1/views': {
    summary: 'Save a view of the dashboard',
    answer: 'The view was saved.',
    body: { schema: 'SaveView', example: { name: 'The quick ones', path: '/sweeps?sort=seconds' } },
    problems: [...document, 409],
  },
  'GET /v1/views': { summary: 'List saved views', query: pageQuery },
  'GET /v1/views/{id}': { summary: 'Show a saved view' },
  'DELETE /v1/views/{id}': { summary: 'Delete a saved view' },
  'POST /v1/diary': {
    summary: "Write an entry of the team's diary",
    answer: 'The entry was written.',
    body: { schema: 'WriteDiary', example: { text: 'A GRU of 64 units is enough: see /sweeps/b3n8w2pd.' } },
  },
  'GET /v1/diary': { summary: "List the entries of the team's diary", query: pageQuery },
  'PATCH /v1/diary/{id}': {
    summary: 'Change an entry of the diary',
    body: { schema: 'WriteDiary', example: { text: 'A GRU of 32 units is enough.' } },
  },
  'DELETE /v1/diary/{id}': { summary: 'Delete an entry of the diary' },
  'POST /v1/reports': {
    summary: 'Begin a report of the team',
    answer: 'The report was written.',
    body: {
      schema: 'WriteReport',
      example: { title: 'A GRU is enough', text: 'What we tried. A line that is an image of a page becomes a chart.' },
    },
  },
  'GET /v1/reports': { summary: "List the team's reports", query: reports.reportsQuery },
  'GET /v1/reports/{id}': { summary: 'Show a report' },
  'PATCH /v1/reports/{id}': {
    summary: 'Change a report, or archive it',
    body: { schema: 'ChangeReport', example: { title: 'A GRU of 32 units is enough', version: 1 } },
  },
  'GET /v1/trials/{id}': { summary: 'Show a trial' },
  'GET /v1/trials/{id}/reviews': { summary: "List the reviews of a trial's configuration" },
  'POST /v1/trials/{id}/reviews': {
    summary: "Review a trial's configuration",
    answer: 'The review was written.',
    body: { schema: 'WriteReview', example: { verdict: 'approve', text: 'Five seeds agree.' } },
  },
  'POST /v1/trials/{id}/pin': {
    summary: "Pin a trial's configuration as the baseline of its board",
    problems: [403, 409],
  },
  'DELETE /v1/trials/{id}/pin': { summary: "Unpin a trial's configuration", problems: [403] },
  'POST /v1/trials/{id}/retry': { summary: 'Retry a failed or cancelled trial' },
  'GET /v1/trials/{id}/metrics': { summary: 'Read the learning curves of a trial', query: rest.metricsQuery },
  'GET /v1/trials/{id}/diagnostics': { summary: 'Read the diagnostics of a trial' },
  'GET /v1/trials/{id}/samples': { summary: 'Read what a language model wrote while it trained' },
  'POST /v1/trials/{id}/generate': {
    summary: 'Have the model of a trial write a text for a prompt',
    answer: 'The text, piece by piece as it is written.',
    content: answers,
    body: { schema: 'Generate', example: { prompt: 'to', length: 40, temperature: 0.7 } },
    problems: document,
  },
  'GET /v1/trials/{id}/attempts': { summary: 'List the attempts of a trial' },
  'GET /v1/trials/{id}/model': { summary: 'Download the model of a trial', answer: 'safetensors', content: file },
  'GET /v1/trials/{id}/checkpoint': {
    summary: 'Download the model of a trial, by its old name',
    answer: 'safetensors',
    content: file,
  },
  'POST /v1/datasets': {
    summary: 'Register a data set',
    answer: 'The data set is registered.',
    problems: [400, 409, 413],
  },
  'GET /v1/datasets': { summary: 'List built-in and registered data sets', query: pageQuery },
  'GET /v1/datasets/{name}': { summary: 'Show a data set' },
  'DELETE /v1/datasets/{name}': { summary: 'Delete a data set that no running or paused sweep uses' },
  'GET /v1/datasets/{name}/content': {
    summary: 'Download a data set',
    answer: 'The file as registered.',
    content: file,
  },
  'GET /v1/workers': { summary: 'List the workers of the fleet' },
  'POST /v1/workers/{id}/drain': {
    summary: 'Ask a worker to take no more trials, and to leave',
    body: { schema: 'Drain', example: { running: 'finish' } },
    problems: [...document, 403],
  },
  'POST /v1/workers/{id}/resume': { summary: 'Take back that a worker is to leave', problems: [403] },
  'PATCH /v1/sweeps/{id}/details': {
    summary: 'Change the name, note or tags of a sweep, or archive it',
    body: { schema: 'SweepDetails', example: { note: 'For the paper.', tags: ['paper'] } },
    problems: [...document, 403],
  },
  'POST /v1/sweeps/{id}/confirm': {
    summary: 'Train the best configurations again, with new seeds',
    answer: 'The sweep that trains them was created.',
    body: { schema: 'Confirm', example: { top: 3, seeds: 5 } },
    problems: [...document, 403],
  },
  'PATCH /v1/trials/{id}/details': {
    summary: 'Change the note or tags of a trial',
    body: { schema: 'TrialDetails', example: { note: 'Diverged on the second try.', tags: ['odd'] } },
    problems: [...document, 403],
  },
  'PATCH /v1/trials/{id}/configuration/details': {
    summary: "Change the note or tags of a trial's configuration",
    body: { schema: 'TrialDetails', example: { note: 'Enough units for this data.', tags: ['small'] } },
    problems: [...document, 403],
  },
  'GET /v1/me': { summary: 'Show whose key this is' },
  'GET /v1/members': { summary: 'List the members of the team' },
  'POST /v1/members': {
    summary: 'Add a member',
    answer: 'The member was added.',
    body: { schema: 'AddMember', example: { name: 'Ada', role: 'submitter' } },
    problems: [...document, 403, 409],
  },
  'PATCH /v1/members/{name}': {
    summary: 'Change the role of a member',
    body: { schema: 'ChangeMember', example: { role: 'viewer' } },
    problems: [...document, 403],
  },
  'DELETE /v1/members/{name}': { summary: 'Remove a member and their keys', problems: [403] },
  'GET /v1/keys': { summary: 'List keys' },
  'POST /v1/keys': {
    summary: 'Create a key',
    answer: 'The key was created. It is shown this once.',
    body: { schema: 'CreateKey', example: { name: 'laptop', expiresIn: '90d' } },
    problems: [...document, 403],
  },
  'DELETE /v1/keys/{id}': { summary: 'Revoke a key', problems: [403] },
  'GET /v1/models': { summary: 'List registered models, by name', query: pageQuery },
  'GET /v1/models/{name}': { summary: 'Show a registered model with its versions' },
  'DELETE /v1/models/{name}': { summary: 'Delete a registered model that no alias points into' },
  'POST /v1/models/{name}/versions': {
    summary: 'Register the model of a trial as the next version of a name',
    body: { schema: 'RegisterVersion', example: { trial: 'best', aliases: ['champion'] } },
    problems: [...document, 409],
  },
  'DELETE /v1/models/{name}/versions/{version}': { summary: 'Delete a version that no alias points at' },
  'POST /v1/models/{name}/aliases': {
    summary: 'Point an alias at a version, whatever it pointed at before',
    body: { schema: 'SetAlias', example: { alias: 'champion', version: 1 } },
    problems: [...document, 409],
  },
  'DELETE /v1/models/{name}/aliases/{alias}': { summary: 'Delete an alias' },
  'GET /v1/links': { summary: 'List the links that only read' },
  'POST /v1/links': {
    summary: 'Make a link that only reads a sweep, a trial or a board',
    answer: 'The link was made. Its token is shown this once.',
    body: { schema: 'CreateLink', example: { sweep: 'last', expiresIn: '30d' } },
    problems: [...document, 403, 404, 409],
  },
  'DELETE /v1/links/{id}': { summary: 'Revoke a link', problems: [403] },
  'GET /v1/webhooks': { summary: 'List webhooks', problems: [403] },
  'POST /v1/webhooks': {
    summary: 'Have an address told what happens to sweeps',
    answer: 'The webhook was made. Its secret is shown this once.',
    body: {
      schema: 'CreateWebhook',
      example: { url: 'https://hooks.example.org/unroll', events: ['sweep.ended', 'sweep.failed'] },
    },
    problems: [...document, 403, 409],
  },
  'DELETE /v1/webhooks/{id}': { summary: 'Delete a webhook and its deliveries', problems: [403] },
  'POST /v1/webhooks/{id}/test': { summary: 'Send a test to a webhook', problems: [403] },
  'GET /v1/webhooks/{id}/deliveries': { summary: 'List what was sent to a webhook, newest first', problems: [403] },
  'GET /v1/teams': { summary: 'List teams' },
  'POST /v1/teams': {
    summary: 'Create a team',
    answer: 'The team was created, with the key of its first member.',
    body: { schema: 'CreateTeam', example: { id: 'speech', admin: 'Ada' } },
    problems: [...document, 403, 409],
  },
  'GET /v1/shares': { summary: 'Show quotas, use of the fleet, and why trials wait' },
  'GET /v1/sweeps/{id}/waiting': { summary: 'Show why trials of a sweep wait' },
  'PATCH /v1/members/{name}/share': {
    summary: 'Change the weight or the quotas of a member',
    body: { schema: 'ChangeShare', example: { lanes: 32, gpuHours: 100 } },
    problems: [...document, 403],
  },
  'PATCH /v1/teams/{id}/share': {
    summary: 'Change the weight or the quotas of a team',
    body: { schema: 'ChangeShare', example: { weight: 2, storageGb: 50 } },
    problems: [...document, 403],
  },
  'GET /v1/audit': { summary: 'List who did what, newest first' },
  'GET /metrics': { summary: 'Measure the API, for Prometheus', content: { 'text/plain': text } },
  'GET /healthz': { summary: 'Liveness: whether the process answers', shape: 'Health' },
  'GET /readyz': { summary: 'Readiness: whether the database and the queue answer', shape: 'Health' },
};

/** Groups of routes, with what they are about. */
export const tags: Readonly<Record<string, string>> = {
  sweeps: 'Submit, follow and change sweeps.',
  studies: 'Searches whose trials are run by whoever asks for them, in any language.',
  trials: 'What a trial of a sweep reached, and its model.',
  leaderboards: 'Ranks, curves and statistics over the trials of one sweep, or of all.',
  datasets: 'Data to learn from.',
  live: 'Changes as server-sent events.',
  models: 'Models under names, with versions and aliases.',
  views: 'Saved pages of the dashboard.',
  diary: 'What a team has tried, found and decided.',
  reports: 'What a team tells others: Markdown with charts that are drawn when it is read.',
  team: 'Members, their keys and roles, and what they did.',
  webhooks: 'Addresses that are told what happens to sweeps.',
  'sign-in': 'Signing in at an OpenID provider.',
  workers: 'The machines that train.',
  health: 'For load balancers and monitoring.',
};
