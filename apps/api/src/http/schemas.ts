import { access, boards, details, rest, sweepJsonSchema } from '@unroll/contracts';
import { z } from 'zod';

/** Component schemas of the OpenAPI document, by name: of what clients send, and of answers. All come from the contracts. */
const bodies = {
  Extend: rest.extendBody,
  Edit: rest.editBody,
  Confirm: rest.confirmBody,
  SaveView: boards.viewBody,
  SweepDetails: details.sweepDetails,
  TrialDetails: details.trialDetails,
  AddMember: access.memberBody,
  ChangeMember: access.memberChange,
  CreateKey: access.keyBody,
  CreateTeam: access.teamBody,
} as const;

const shapes = {
  Sweep: rest.sweepView,
  SweepPage: rest.sweepPage,
  SweepPlan: rest.sweepPlan,
  Trial: rest.trialView,
  TrialPage: rest.page(rest.trialView),
  TrialMetrics: rest.trialMetrics,
  TrialDiagnostics: rest.diagnosticsView,
  Leaderboard: boards.leaderboard,
  TeamLeaderboard: boards.teamLeaderboard,
  Boards: boards.boardList,
  Curves: boards.curves,
  Points: boards.points,
  History: boards.history,
  Importance: boards.importance,
  Comparison: boards.comparison,
  Samples: boards.samples,
  SavedView: boards.savedView,
  SavedViewPage: rest.page(boards.savedView),
  Front: rest.front,
  Rungs: rest.rungs,
  Replay: rest.replay,
  Attempts: rest.page(rest.attemptView),
  Dataset: rest.datasetView,
  DatasetPage: rest.page(rest.datasetView),
  WorkerPage: rest.page(rest.workerView),
  SignInOptions: access.signInOptions,
  Me: access.me,
  Member: access.memberView,
  MemberPage: rest.page(access.memberView),
  KeyPage: rest.page(access.keyView),
  CreatedKey: access.createdKey,
  TeamPage: rest.page(access.teamView),
  CreatedTeam: access.createdTeam,
  AuditPage: rest.page(access.auditEntry),
  Problem: rest.problem,
} as const;

export type ShapeName = keyof typeof shapes;

/** Every shape as a JSON Schema, for the components of the OpenAPI document. */
function componentSchemas(): Record<string, unknown> {
  const {
    $defs,
    $schema: _,
    ...sweepFile
  } = sweepJsonSchema() as { $defs?: Record<string, unknown>; $schema?: string };
  const inComponents = (text: string): string => text.replaceAll('#/$defs/', '#/components/schemas/sweep_');
  const parts = Object.fromEntries(Object.entries($defs ?? {}).map(([name, schema]) => [`sweep_${name}`, schema]));
  const responses = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, z.toJSONSchema(shape, { target: 'openapi-3.0' })]),
  );
  const sent = Object.entries(bodies).map(([name, body]) => [
    name,
    z.toJSONSchema(body, { target: 'openapi-3.0', io: 'input', unrepresentable: 'any' }),
  ]);
  return {
    ...(JSON.parse(inComponents(JSON.stringify({ SweepSpec: sweepFile, ...parts }))) as Record<string, unknown>),
    ...responses,
    ...(Object.fromEntries(sent) as Record<string, unknown>),
  };
}

/** The JSON Schema of a sweep as a text, and the component schemas. They take a third of a second to make. */
export const makeSchemas = (): { sweep: string; components: Record<string, unknown> } => ({
  sweep: JSON.stringify(sweepJsonSchema()),
  components: componentSchemas(),
});
