import { useEffect, useRef, type ReactNode } from 'react';
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
  const place = useRef<HTMLElement>(null);
  // On a narrow screen the tabs scroll sideways.
  useEffect(() => {
    const tab = place.current?.querySelector<HTMLElement>('[aria-current]');
    if (tab) place.current!.scrollLeft = tab.offsetLeft - place.current!.offsetLeft - 40;
  }, [chosen]);
  const to = (id: string): string => {
    const next = new URLSearchParams(search);
    if (id === tabs[0]?.id) next.delete('tab');
    else next.set('tab', id);
    const text = next.toString();
    return text ? `${pathname}?${text}` : pathname;
  };
  return (
    <nav className="tabs" aria-label={label} ref={place}>
      {tabs.map((tab) => (
        <Link key={tab.id} to={to(tab.id)} aria-current={tab.id === chosen ? 'page' : undefined}>
          {tab.label}
          {tab.count !== undefined && tab.count > 0 && <span className="count">{count(tab.count)}</span>}
        </Link>
      ))}
    </nav>
  );
}
