import { Suspense } from 'react';
import { Navigate, Route, Routes } from 'react-router';
import { useKey } from './api/key';
import { Waiting } from './design/Messages';
import { Shell } from './layout/Shell';
import { SignIn } from './layout/SignIn';
import { NotFoundPage } from './pages/NotFoundPage';
import { SweepsPage } from './pages/sweeps/SweepsPage';

/** Every address of the page. Without a key each shows the sign-in, and itself once there is one. */
export function Addresses() {
  if (useKey() === null) return <SignIn />;
  return (
    <Suspense fallback={<Waiting />}>
      <Routes>
        <Route element={<Shell />}>
          <Route index element={<Navigate to="/sweeps" replace />} />
          <Route path="sweeps" element={<SweepsPage />} />
          <Route path="*" element={<NotFoundPage />} />
        </Route>
      </Routes>
    </Suspense>
  );
}
