import {
  access,
  boards,
  details,
  generation,
  links,
  live,
  reports,
  registry,
  rest,
  shares,
  study,
  sweepJsonSchema,
  webhooks,
  words,
} from '@unroll/contracts';
import { z } from 'zod';

/**
 * Component schemas of the OpenAPI document, by name: of what clients send, and of answers. All come from the contracts; one that contains
 * another refers to it.
 */
const bodies = {
  StudySpec: study.studySpec,
  Ask: study.askBody,
  Report: study.reportBody,
  Tell: study.tellBody,
  Extend: rest.extendBody,
  Edit: rest.editBody,
  Confirm: rest.confirmBody,
  SaveView: boards.viewBody,
  SweepDetails: details.sweepDetails,
  TrialDetails: details.trialDetails,
  WriteDiary: words.diaryBody,
  WriteReview: words.reviewBody,
  WriteReport: reports.reportBody,
  ChangeReport: reports.reportChange,
  AddMember: access.memberBody,
  ChangeMember: access.memberChange,
  CreateKey: access.keyBody,
  CreateTeam: access.teamBody,
  CreateLink: links.linkBody,
  CreateWebhook: webhooks.webhookBody,
  RegisterVersion: registry.versionBody,
  SetAlias: registry.aliasBody,
  ChangeShare: shares.shareBody,
  Drain: rest.drainBody,
  Generate: generation.generateBody,
} as const;

const shapes = {
  Sweep: rest.sweepView,
  SweepPage: rest.sweepPage,
  SweepPlan: rest.sweepPlan,
  Asked: study.asked,
  Reported: study.reported,
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
  DiaryEntry: words.diaryEntry,
  DiaryPage: rest.page(words.diaryEntry),
  Review: words.review,
  ReviewPage: rest.page(words.review),
  TeamReport: reports.teamReport,
  TeamReportSummary: reports.reportSummary,
  TeamReportPage: rest.page(reports.reportSummary),
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
  SignInOptions: access.signInOptions,
  Me: access.me,
  Member: access.memberView,
  MemberPage: rest.page(access.memberView),
  Key: access.keyView,
  KeyPage: rest.page(access.keyView),
  CreatedKey: access.createdKey,
  Webhook: webhooks.webhookView,
  WebhookPage: rest.page(webhooks.webhookView),
  CreatedWebhook: webhooks.createdWebhook,
  WebhookMessage: webhooks.webhookMessage,
  Delivery: webhooks.deliveryView,
  DeliveryPage: rest.page(webhooks.deliveryView),
  Link: links.linkView,
  LinkPage: rest.page(links.linkView),
  CreatedLink: links.createdLink,
  ModelVersion: registry.modelVersionView,
  RegisteredModel: registry.registeredModel,
  RegisteredModelPage: rest.page(registry.registeredModel),
  Team: access.teamView,
  TeamPage: rest.page(access.teamView),
  CreatedTeam: access.createdTeam,
  Share: shares.shareView,
  Shares: shares.shares,
  Waiting: shares.waiting,
  AuditEntry: access.auditEntry,
  AuditPage: rest.page(access.auditEntry),
  Health: rest.health,
  Problem: rest.problem,
  TrialEvent: live.liveTrial,
  Event: live.anyEvent,
  GenerateEvent: generation.generateAnswer,
} as const;

export type ShapeName = keyof typeof shapes;

const reference = (name: string): string => `#/components/schemas/${name}`;

/** Schemas that refer to each other by their names. */
function named(all: Record<string, z.ZodType>, io: 'input' | 'output'): Record<string, unknown> {
  const registry = z.registry<{ id: string }>();
  for (const [id, shape] of Object.entries(all)) registry.add(shape, { id });
  const { schemas } = z.toJSONSchema(registry, { io, unrepresentable: 'any', uri: reference });
  return Object.fromEntries(Object.entries(schemas).map(([id, { $id: _, $schema: __, ...schema }]) => [id, schema]));
}

/** Every shape as a JSON Schema, for the components of the OpenAPI document. */
function componentSchemas(): Record<string, unknown> {
  const { $defs, $schema: _, ...sweepFile } = sweepJsonSchema();
  const inComponents = (text: string): string => text.replaceAll('#/$defs/', reference(''));
  const sweep = { SweepSpec: sweepFile, ...($defs as Record<string, unknown>) };
  return {
    ...(JSON.parse(inComponents(JSON.stringify(sweep))) as Record<string, unknown>),
    ...named(bodies, 'input'),
    ...named(shapes, 'output'),
  };
}

/** The JSON Schema of a sweep as a text, and the component schemas. They take a third of a second to make. */
export const makeSchemas = (): { sweep: string; components: Record<string, unknown> } => ({
  sweep: JSON.stringify(sweepJsonSchema()),
  components: componentSchemas(),
});
