import type {
  AttemptView,
  AuditEntryView,
  BoardList,
  Comparison,
  Curves,
  DatasetView,
  DeliveryView,
  DiagnosticsView,
  DiaryEntry,
  Front,
  History,
  Importance,
  KeyView,
  Leaderboard,
  LinkView,
  Me,
  MemberView,
  MetricSeries,
  Page,
  Points,
  RegisteredModel,
  ReportSummary,
  Review,
  Rungs,
  Samples,
  SavedView,
  Shares,
  SweepPage,
  SweepView,
  TeamReport,
  TrialState,
  TrialView,
  WaitingView,
  WebhookView,
  WorkerView,
} from '@unroll/contracts';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { call, type Query } from './client';

/** The pages' queries. Keys begin with what a live event names, so that one event invalidates all that it affects. */
export const sweepsQuery = (query: Query = {}) =>
  queryOptions({
    queryKey: ['sweeps', query],
    queryFn: ({ signal }) => call<SweepPage>('/v1/sweeps', { query: { ...query, limit: 50 }, signal }),
  });

export const sweepQuery = (id: string) =>
  queryOptions({
    queryKey: ['sweep', id, 'view'],
    queryFn: ({ signal }) => call<SweepView>(`/v1/sweeps/${id}`, { signal }),
  });

export const trialsQuery = (id: string, state: TrialState, cursor?: string) =>
  queryOptions({
    queryKey: ['sweep', id, 'trials', { state, cursor }],
    queryFn: ({ signal }) =>
      call<Page<TrialView>>(`/v1/sweeps/${id}/trials`, { query: { state, cursor, limit: 100 }, signal }),
  });

export const rungsQuery = (id: string) =>
  queryOptions({
    queryKey: ['sweep', id, 'rungs'],
    queryFn: ({ signal }) => call<Rungs>(`/v1/sweeps/${id}/rungs`, { signal }),
  });

export const frontQuery = (id: string) =>
  queryOptions({
    queryKey: ['sweep', id, 'front'],
    queryFn: ({ signal }) => call<Front>(`/v1/sweeps/${id}/front`, { query: { limit: 1000 }, signal }),
    ...large,
  });

export const trialQuery = (id: string) =>
  queryOptions({
    queryKey: ['trial', id, 'view'],
    queryFn: ({ signal }) => call<TrialView>(`/v1/trials/${id}`, { signal }),
  });

export const metricsQuery = (id: string, maxPoints = 1000) =>
  queryOptions({
    queryKey: ['trial', id, 'metrics', { maxPoints }],
    queryFn: ({ signal }) =>
      call<{ trialId: string; series: MetricSeries[] }>(`/v1/trials/${id}/metrics`, { query: { maxPoints }, signal }),
  });

export const attemptsQuery = (id: string) =>
  queryOptions({
    queryKey: ['trial', id, 'attempts'],
    queryFn: ({ signal }) => call<Page<AttemptView>>(`/v1/trials/${id}/attempts`, { signal }),
  });

export const diagnosticsQuery = (id: string) =>
  queryOptions({
    queryKey: ['trial', id, 'diagnostics'],
    queryFn: ({ signal }) => call<DiagnosticsView>(`/v1/trials/${id}/diagnostics`, { signal }),
  });

export const workersQuery = () =>
  queryOptions({
    queryKey: ['workers'],
    queryFn: ({ signal }) => call<Page<WorkerView>>('/v1/workers', { signal }),
    // A dead worker sends no event, so poll.
    refetchInterval: 2_000,
  });

/** Who uses what, and why trials wait. */
export const sharesQuery = () =>
  queryOptions({
    queryKey: ['workers', 'shares'],
    queryFn: ({ signal }) => call<Shares>('/v1/shares', { signal }),
    refetchInterval: 5_000,
  });

export const waitingQuery = (id: string) =>
  queryOptions({
    queryKey: ['sweep', id, 'waiting'],
    queryFn: ({ signal }) => call<WaitingView>(`/v1/sweeps/${id}/waiting`, { signal }),
    // What others do sends no event of this sweep.
    refetchInterval: 5_000,
  });

export const datasetsQuery = () =>
  queryOptions({
    queryKey: ['datasets'],
    queryFn: ({ signal }) => call<Page<DatasetView>>('/v1/datasets', { query: { limit: 1000 }, signal }),
  });

const large = { meta: { large: true } };

/** A page of a leaderboard: of a sweep (`/v1/sweeps/ID/leaderboard`) or of the team (`/v1/leaderboard`). */
export const leaderboardQuery = <Answer extends Leaderboard = Leaderboard>(path: string, query: Query) =>
  queryOptions({
    queryKey: [...(path === teamBoardPath ? ['board'] : ['sweep', path.split('/')[3]!]), 'leaderboard', query],
    queryFn: ({ signal }) => call<Answer>(path, { query, signal }),
    placeholderData: keepPreviousData,
  });

export const teamBoardPath = '/v1/leaderboard';
export const boardPath = (sweepId: string): string => `/v1/sweeps/${sweepId}/leaderboard`;

export const boardsQuery = () =>
  queryOptions({
    queryKey: ['board', 'list'],
    queryFn: ({ signal }) => call<BoardList>('/v1/boards', { signal }),
  });

export const curvesQuery = (id: string, metric: string | undefined) =>
  queryOptions({
    queryKey: ['sweep', id, 'curves', { metric }],
    queryFn: ({ signal }) =>
      call<Curves>(`/v1/sweeps/${id}/curves`, { query: { metric, maxPoints: 200, limit: 500 }, signal }),
    placeholderData: keepPreviousData,
    ...large,
  });

export const comparedCurvesQuery = (trials: readonly string[], metric: string | undefined) =>
  queryOptions({
    queryKey: ['trial', 'compared', { trials, metric }],
    queryFn: ({ signal }) => call<Curves>('/v1/curves', { query: { trial: trials, metric, maxPoints: 1000 }, signal }),
    placeholderData: keepPreviousData,
  });

export const pointsQuery = (id: string) =>
  queryOptions({
    queryKey: ['sweep', id, 'points'],
    queryFn: ({ signal }) => call<Points>(`/v1/sweeps/${id}/points`, { signal }),
    ...large,
  });

export const historyQuery = (id: string) =>
  queryOptions({
    queryKey: ['sweep', id, 'history'],
    queryFn: ({ signal }) => call<History>(`/v1/sweeps/${id}/history`, { signal }),
    ...large,
  });

export const importanceQuery = (id: string) =>
  queryOptions({
    queryKey: ['sweep', id, 'importance'],
    queryFn: ({ signal }) => call<Importance>(`/v1/sweeps/${id}/importance`, { signal }),
    refetchInterval: ({ state }) => (state.data?.state === 'computing' ? 1_000 : false),
    ...large,
  });

export const samplesQuery = (id: string) =>
  queryOptions({
    queryKey: ['trial', id, 'samples'],
    queryFn: ({ signal }) => call<Samples>(`/v1/trials/${id}/samples`, { signal }),
  });

export const comparisonQuery = (first: string, second: string) =>
  queryOptions({
    queryKey: ['trial', 'comparison', { first, second }],
    queryFn: ({ signal }) => call<Comparison>('/v1/comparison', { query: { first, second }, signal }),
  });

export const diaryQuery = (cursor?: string) =>
  queryOptions({
    queryKey: ['diary', { cursor }],
    queryFn: ({ signal }) => call<Page<DiaryEntry>>('/v1/diary', { query: { cursor, limit: 20 }, signal }),
    placeholderData: keepPreviousData,
    staleTime: 0,
  });

export const reportsQuery = (archived: boolean, cursor?: string) =>
  queryOptions({
    queryKey: ['reports', { archived, cursor }],
    queryFn: ({ signal }) =>
      call<Page<ReportSummary>>('/v1/reports', { query: { archived: archived ? 'true' : undefined, cursor }, signal }),
    placeholderData: keepPreviousData,
    staleTime: 0,
  });

export const reportQuery = (id: string) =>
  queryOptions({
    queryKey: ['report', id],
    queryFn: ({ signal }) => call<TeamReport>(`/v1/reports/${id}`, { signal }),
    staleTime: 0,
  });

export const reviewsQuery = (trialId: string) =>
  queryOptions({
    queryKey: ['trial', trialId, 'reviews'],
    queryFn: ({ signal }) => call<Page<Review>>(`/v1/trials/${trialId}/reviews`, { signal }),
    staleTime: 0,
  });

/** All registered models with their versions. */
export const modelsQuery = () =>
  queryOptions({
    queryKey: ['models'],
    queryFn: ({ signal }) => call<Page<RegisteredModel>>('/v1/models', { query: { limit: 1000 }, signal }),
  });

/** All saved views. */
export const viewsQuery = () =>
  queryOptions({
    queryKey: ['views'],
    queryFn: ({ signal }) => call<Page<SavedView>>('/v1/views', { query: { limit: 1000 }, signal }),
    staleTime: 0,
  });

/** Who is signed in. It changes with the key, and the cache with it. */
export const meQuery = () =>
  queryOptions({ queryKey: ['me'], queryFn: ({ signal }) => call<Me>('/v1/me', { signal }), staleTime: Infinity });

export const membersQuery = () =>
  queryOptions({
    queryKey: ['members'],
    queryFn: ({ signal }) => call<Page<MemberView>>('/v1/members', { signal }),
    staleTime: 0,
  });

export const keysQuery = () =>
  queryOptions({
    queryKey: ['keys'],
    queryFn: ({ signal }) => call<Page<KeyView>>('/v1/keys', { signal }),
    staleTime: 0,
  });

export const linksQuery = () =>
  queryOptions({
    queryKey: ['links'],
    queryFn: ({ signal }) => call<Page<LinkView>>('/v1/links', { signal }),
    staleTime: 0,
  });

export const webhooksQuery = () =>
  queryOptions({
    queryKey: ['webhooks'],
    queryFn: ({ signal }) => call<Page<WebhookView>>('/v1/webhooks', { signal }),
    staleTime: 0,
  });

export const deliveriesQuery = (id: string) =>
  queryOptions({
    queryKey: ['webhooks', id, 'deliveries'],
    queryFn: ({ signal }) => call<Page<DeliveryView>>(`/v1/webhooks/${id}/deliveries`, { signal }),
    // What is due is sent within seconds, and tells no event.
    refetchInterval: 2_000,
  });

export const auditQuery = (query: Query) =>
  queryOptions({
    queryKey: ['audit', query],
    queryFn: ({ signal }) => call<Page<AuditEntryView>>('/v1/audit', { query: { ...query, limit: 50 }, signal }),
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
