import { useState } from 'react';
import { Link, NavLink } from 'react-router';
import { forgetKey } from '../api/key';
import type { Connection } from '../api/event-stream';
import { useMay } from '../api/use-may';
import { useLive } from '../api/use-live';
import { Button } from '../design/Button';
import { Icon, type IconName } from '../design/Icon';
import { chooseTheme, useTheme } from '../design/theme';
import { Content } from './Content';

const places: readonly { to: string; label: string; icon: IconName }[] = [
  { to: '/sweeps', label: 'Sweeps', icon: 'sweeps' },
  { to: '/board', label: 'Team leaderboard', icon: 'board' },
  { to: '/compare', label: 'Compare', icon: 'compare' },
  { to: '/models', label: 'Models', icon: 'model' },
  { to: '/fleet', label: 'Fleet', icon: 'fleet' },
  { to: '/diary', label: 'Diary', icon: 'book' },
  { to: '/reports', label: 'Reports', icon: 'report' },
  { to: '/views', label: 'Saved views', icon: 'views' },
  { to: '/team', label: 'Team', icon: 'team' },
  { to: '/submit', label: 'New sweep', icon: 'plus' },
];

/** The frame around every page: navigation and the state of the live connection. */
export function Shell() {
  const [open, setOpen] = useState(false);
  const connection = useLive();
  const submits = useMay('submitter');
  const close = (): void => setOpen(false);
  return (
    <div className="shell">
      <a className="skip" href="#content">
        Skip to content
      </a>
      <header
        className={`side ${open ? 'is-open' : ''}`}
        onKeyDown={({ key }) => {
          if (key === 'Escape') close();
        }}
      >
        <Link to="/sweeps" className="brand" onClick={close}>
          <img src="/favicon.svg" alt="" />
          Unroll
        </Link>
        <span className="menu-button">
          <Button aria-expanded={open} aria-controls="places" onClick={() => setOpen(!open)}>
            <Icon name={open ? 'close' : 'menu'} />
            Menu
          </Button>
        </span>
        <nav aria-label="Main" id="places">
          <ul>
            {places
              .filter(({ to }) => to !== '/submit' || submits)
              .map(({ to, label, icon }) => (
                <li key={to}>
                  <NavLink to={to} onClick={close}>
                    <Icon name={icon} />
                    {label}
                  </NavLink>
                </li>
              ))}
          </ul>
        </nav>
        <Foot connection={connection} />
      </header>
      <Content />
      {connection === 'broken' && (
        <div className="notice" role="status">
          Live updates are interrupted; they resume without loss as soon as the API responds.
        </div>
      )}
    </div>
  );
}

const connectionLabels: Readonly<Record<Connection, string>> = {
  connecting: 'Connecting',
  live: 'Live',
  broken: 'Interrupted',
};

function Foot({ connection }: { connection: Connection }) {
  const theme = useTheme();
  const other = theme === 'dark' ? 'light' : 'dark';
  return (
    <div className="foot">
      <div className={`live is-${connection}`}>
        <i aria-hidden="true" />
        {connectionLabels[connection]}
      </div>
      <ul>
        <li>
          <a href="/docs">
            <Icon name="book" />
            API
          </a>
        </li>
        <li>
          <button type="button" onClick={() => chooseTheme(other)}>
            <Icon name={other === 'dark' ? 'moon' : 'sun'} />
            {other === 'dark' ? 'Dark' : 'Light'}
          </button>
        </li>
        <li>
          <button type="button" onClick={forgetKey}>
            <Icon name="out" />
            Sign out
          </button>
        </li>
      </ul>
    </div>
  );
}
