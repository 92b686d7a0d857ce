import { Suspense } from 'react';
import { Outlet, useLocation } from 'react-router';
import { Boundary } from '../design/Boundary';
import { Waiting } from '../design/Messages';

/** The page of the address: while it is fetched, a word of that; an error on it leaves the frame as it is. */
export function Content() {
  const { pathname } = useLocation();
  return (
    <main className="main" id="content" tabIndex={-1}>
      <Boundary key={pathname}>
        <Suspense fallback={<Waiting />}>
          <Outlet />
        </Suspense>
      </Boundary>
    </main>
  );
}
