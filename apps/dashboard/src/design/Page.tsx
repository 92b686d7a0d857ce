import { useEffect, type ReactNode } from 'react';
import { Link } from 'react-router';

export interface Crumb {
  to: string;
  label: string;
}

interface PageProps {
  title: string;
  /** Below the title. */
  about?: ReactNode;
  crumbs?: readonly Crumb[];
  /** Next to the title. */
  beside?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** A page with title, breadcrumbs and actions. */
export function Page({ title, about, crumbs = [], beside, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Unroll`;
  }, [title]);
  return (
    <div className="page">
      <header className="page-head">
        <div className="page-title">
          {crumbs.length > 0 && (
            <nav aria-label="Breadcrumbs" className="crumbs">
              {crumbs.map(({ to, label }) => (
                <Link key={to} to={to}>
                  {label}
                </Link>
              ))}
            </nav>
          )}
          <div className="row">
            <h1>{title}</h1>
            {beside}
          </div>
          {about && <div className="about">{about}</div>}
        </div>
        {actions && <div className="row actions">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

interface CardProps {
  title: string;
  about?: ReactNode;
  actions?: ReactNode;
  /** Without padding, for a table. */
  flush?: boolean;
  children: ReactNode;
}

export function Card({ title, about, actions, flush = false, children }: CardProps) {
  return (
    <section className="card" aria-label={title}>
      <header>
        <div>
          <h2>{title}</h2>
          {about && <p>{about}</p>}
        </div>
        {actions && <div className="row">{actions}</div>}
      </header>
      {flush ? children : <div className="body">{children}</div>}
    </section>
  );
}

/** Key figures side by side: a name, a value and an optional note. */
export function Facts({ items }: { items: readonly { name: string; value: ReactNode; note?: ReactNode }[] }) {
  return (
    <dl className="facts">
      {items.map(({ name, value, note }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            {value}
            {note && <small>{note}</small>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
