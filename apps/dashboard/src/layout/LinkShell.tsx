import { Suspense } from 'react';
import { Outlet, useLocation } from 'react-router';
import { leaveLink } from '../api/key';
import { useLive } from '../api/use-live';
import { Boundary } from '../design/Boundary';
import { Button } from '../design/Button';
import { Waiting } from '../design/Messages';

/** The frame around what a link shows: there is nowhere else to go. */
export function LinkShell() {
  useLive();
  const { pathname } = useLocation();
  return (
    <div className="shell by-link">
      <header className="link-bar">
        <span className="brand">
          <img src="/favicon.svg" alt="" />
          Unroll
        </span>
        <span className="muted small">You read this by a link. Nothing can be changed.</span>
        <Button small onClick={leaveLink}>
          Sign in
        </Button>
      </header>
      <main className="main" id="content" tabIndex={-1}>
        <Boundary key={pathname}>
          <Suspense fallback={<Waiting />}>
            <Outlet />
          </Suspense>
        </Boundary>
      </main>
    </div>
  );
}
