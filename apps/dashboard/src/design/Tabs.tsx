import type { ReactNode } from 'react';
import { Link, useLocation } from 'react-router';
import { count } from '../format/number';

export interface Tab {
  id: string;
  label: string;
  count?: number;
}

/** Tabs of a page, each with its own address `?tab=id`; the first one has none. */
export function Tabs({ label, tabs, chosen }: { label: string; tabs: readonly Tab[]; chosen: string }): ReactNode {
  const { pathname, search } = useLocation();
  const to = (id: string): string => {
    const next = new URLSearchParams(search);
    if (id === tabs[0]?.id) next.delete('tab');
    else next.set('tab', id);
    const text = next.toString();
    return text ? `${pathname}?${text}` : pathname;
  };
  return (
    <nav className="tabs" aria-label={label}>
      {tabs.map((tab) => (
        <Link key={tab.id} to={to(tab.id)} aria-current={tab.id === chosen ? 'page' : undefined}>
          {tab.label}
          {tab.count !== undefined && tab.count > 0 && <span className="count">{count(tab.count)}</span>}
        </Link>
      ))}
    </nav>
  );
}
