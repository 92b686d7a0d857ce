import { leaveLink } from '../api/key';
import { useLive } from '../api/use-live';
import { Button } from '../design/Button';
import { Content } from './Content';

/** The frame around what a link shows: there is nowhere else to go. */
export function LinkShell() {
  useLive();
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
      <Content />
    </div>
  );
}
