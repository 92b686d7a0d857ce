import { lazy } from 'react';
import { Navigate, Route, Routes } from 'react-router';
import { isByLink, useKey, useOffer } from './api/key';
import { LinkShell } from './layout/LinkShell';
import { OtherKey } from './layout/OtherKey';
import { Shell } from './layout/Shell';
import { SignIn } from './layout/SignIn';
import { NotFoundPage } from './pages/NotFoundPage';
import { SweepsPage } from './pages/sweeps/SweepsPage';

const SweepPage = lazy(() => import('./pages/sweep/SweepPage'));
const TrialPage = lazy(() => import('./pages/trial/TrialPage'));
const ComparePage = lazy(() => import('./pages/compare/ComparePage'));
const BoardPage = lazy(() => import('./pages/board/BoardPage'));
const FleetPage = lazy(() => import('./pages/fleet/FleetPage'));
const SubmitPage = lazy(() => import('./pages/submit/SubmitPage'));
const ViewsPage = lazy(() => import('./pages/views/ViewsPage'));
const ModelsPage = lazy(() => import('./pages/models/ModelsPage'));
const DiaryPage = lazy(() => import('./pages/diary/DiaryPage'));
const ReportsPage = lazy(() => import('./pages/reports/ReportsPage'));
const ReportPage = lazy(() => import('./pages/reports/ReportPage'));
const NewReportPage = lazy(() => import('./pages/reports/NewReportPage'));
const TeamPage = lazy(() => import('./pages/team/TeamPage'));
const ViewPage = lazy(() => import('./pages/views/ViewPage'));

/** All routes. Without a key, each shows the sign-in page in place of its own. */
export function Addresses() {
  const [key, offer] = [useKey(), useOffer()];
  if (key === null) return <SignIn />;
  if (offer !== null) return <OtherKey offer={offer} />;
  if (isByLink())
    return (
      <Routes>
        <Route element={<LinkShell />}>
          <Route path="sweeps/:id" element={<SweepPage />} />
          <Route path="trials/:id" element={<TrialPage />} />
          <Route path="board" element={<BoardPage />} />
          <Route path="reports/:id" element={<ReportPage />} />
          <Route path="*" element={<NotFoundPage />} />
        </Route>
      </Routes>
    );
  return (
    <Routes>
      <Route element={<Shell />}>
        <Route index element={<Navigate to="/sweeps" replace />} />
        <Route path="sweeps" element={<SweepsPage />} />
        <Route path="sweeps/:id" element={<SweepPage />} />
        <Route path="trials/:id" element={<TrialPage />} />
        <Route path="compare" element={<ComparePage />} />
        <Route path="board" element={<BoardPage />} />
        <Route path="fleet" element={<FleetPage />} />
        <Route path="submit" element={<SubmitPage />} />
        <Route path="views" element={<ViewsPage />} />
        <Route path="models" element={<ModelsPage />} />
        <Route path="diary" element={<DiaryPage />} />
        <Route path="reports" element={<ReportsPage />} />
        <Route path="reports/new" element={<NewReportPage />} />
        <Route path="reports/:id" element={<ReportPage />} />
        <Route path="team" element={<TeamPage />} />
        <Route path="views/:id" element={<ViewPage />} />
        <Route path="*" element={<NotFoundPage />} />
      </Route>
    </Routes>
  );
}
