import type {
  AttemptView,
  DatasetView,
  DiagnosticsView,
  MetricSeries,
  Page,
  Rungs,
  SweepView,
  TrialState,
  TrialView,
  WorkerView,
} from '@unroll/contracts';
import { queryOptions } from '@tanstack/react-query';
import { call } from './client';

/** What the pages ask for. Keys begin with what a live event names, so that one event finds all that it changes. */
export const sweepsQuery = (cursor?: string) =>
  queryOptions({
    queryKey: ['sweeps', { cursor }],
    queryFn: ({ signal }) => call<Page<SweepView>>('/v1/sweeps', { query: { limit: 50, cursor }, signal }),
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
    // A worker that is gone says nothing: it is missed.
    refetchInterval: 5_000,
  });

export const datasetsQuery = () =>
  queryOptions({
    queryKey: ['datasets'],
    queryFn: ({ signal }) => call<Page<DatasetView>>('/v1/datasets', { query: { limit: 1000 }, signal }),
  });
