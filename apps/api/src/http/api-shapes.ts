import { applyDecorators } from '@nestjs/common';
import { ApiQuery, ApiResponse } from '@nestjs/swagger';
import { boards, live, rest, sweepJsonSchema } from '@unroll/contracts';
import { z } from 'zod';

/** The component schemas of answers, by name. All come from the contracts; one that contains another refers to it. */
const shapes = {
  Sweep: rest.sweepView,
  SweepPage: rest.page(rest.sweepView),
  SweepPlan: rest.sweepPlan,
  Trial: rest.trialView,
  TrialPage: rest.page(rest.trialView),
  MetricSeries: rest.metricSeries,
  TrialMetrics: rest.trialMetrics,
  TrialDiagnostics: rest.diagnosticsView,
  LeaderboardRow: boards.leaderboardRow,
  Leaderboard: boards.leaderboard,
  Board: boards.boardView,
  TeamLeaderboard: boards.teamLeaderboard,
  Boards: boards.boardList,
  Curve: boards.curve,
  Curves: boards.curves,
  Points: boards.points,
  History: boards.history,
  Importance: boards.importance,
  Comparison: boards.comparison,
  Samples: boards.samples,
  SavedView: boards.savedView,
  SavedViewPage: rest.page(boards.savedView),
  FrontRow: rest.frontRow,
  Front: rest.front,
  Rungs: rest.rungs,
  Replay: rest.replay,
  Attempt: rest.attemptView,
  Attempts: rest.page(rest.attemptView),
  Dataset: rest.datasetView,
  DatasetPage: rest.page(rest.datasetView),
  Worker: rest.workerView,
  WorkerPage: rest.page(rest.workerView),
  Health: rest.health,
  Problem: rest.problem,
  TrialEvent: live.liveTrial,
  Event: live.anyEvent,
} as const;

/** The component schemas of bodies, beside the sweep file. */
const bodies = { Extend: rest.extendBody, Edit: rest.editBody, SaveView: boards.viewBody } as const;

export type ShapeName = keyof typeof shapes;

export const reference = (name: string) => ({ $ref: `#/components/schemas/${name}` });

/** Schemas that refer to each other by their names. */
function named(all: Record<string, z.ZodType>, io: 'input' | 'output'): Record<string, unknown> {
  const registry = z.registry<{ id: string }>();
  for (const [id, shape] of Object.entries(all)) registry.add(shape, { id });
  const { schemas } = z.toJSONSchema(registry, { io, unrepresentable: 'any', uri: (id) => reference(id).$ref });
  return Object.fromEntries(Object.entries(schemas).map(([id, { $id: _, $schema: __, ...schema }]) => [id, schema]));
}

/** Every shape as a JSON Schema, for the components of the OpenAPI document. */
export function componentSchemas(): Record<string, unknown> {
  const { $defs, $schema: _, ...sweepFile } = sweepJsonSchema();
  const inComponents = (text: string): string => text.replaceAll('#/$defs/', '#/components/schemas/');
  const sweep = { SweepSpec: sweepFile, ...($defs as Record<string, unknown>) };
  return {
    ...(JSON.parse(inComponents(JSON.stringify(sweep))) as Record<string, unknown>),
    ...named(bodies, 'input'),
    ...named(shapes, 'output'),
  };
}

/** Documents the response of a route, and the problems it can return. */
export function ApiShapeResponse(
  name: ShapeName,
  { status = 200, problems = [401, 404, 503] }: { status?: number; problems?: number[] } = {},
) {
  return applyDecorators(
    ApiResponse({ status, schema: reference(name) }),
    ...problems.map((problem) =>
      ApiResponse({ status: problem, content: { 'application/problem+json': { schema: reference('Problem') } } }),
    ),
  );
}

/** The query parameters of a contract, as OpenAPI has them. */
export function queryParameters(query: z.ZodObject) {
  const { properties = {}, required = [] } = z.toJSONSchema(query, { io: 'input', unrepresentable: 'any' });
  return Object.entries(properties).map(([name, schema]) => {
    const { description, ...own } = schema as { description?: string };
    return { name, required: required.includes(name), schema: own, ...(description ? { description } : {}) };
  });
}

/** Documents the query parameters of a route, as its contract describes them. */
export const ApiShapeQuery = (query: z.ZodObject) =>
  applyDecorators(...queryParameters(query).map((parameter) => ApiQuery(parameter)));
