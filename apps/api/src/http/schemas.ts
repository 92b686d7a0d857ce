import { boards, rest, sweepJsonSchema } from '@unroll/contracts';
import { z } from 'zod';

/** The component schemas of the OpenAPI document, by name. All come from the contracts. */
const shapes = {
  Sweep: rest.sweepView,
  Extend: rest.extendBody,
  Edit: rest.editBody,
  SweepPage: rest.page(rest.sweepView),
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
  SaveView: boards.viewBody,
  SavedView: boards.savedView,
  SavedViewPage: rest.page(boards.savedView),
  Front: rest.front,
  Rungs: rest.rungs,
  Replay: rest.replay,
  Attempts: rest.page(rest.attemptView),
  Dataset: rest.datasetView,
  DatasetPage: rest.page(rest.datasetView),
  WorkerPage: rest.page(rest.workerView),
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
  return {
    ...(JSON.parse(inComponents(JSON.stringify({ SweepSpec: sweepFile, ...parts }))) as Record<string, unknown>),
    ...responses,
  };
}

/** The JSON Schema of a sweep as a text, and the component schemas. They take a third of a second to make. */
export const makeSchemas = (): { sweep: string; components: Record<string, unknown> } => ({
  sweep: JSON.stringify(sweepJsonSchema()),
  components: componentSchemas(),
});
