import type { DatasetView } from '@unroll/contracts';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { datasetsQuery, membersQuery } from '../../api/queries';
import { Icon } from '../../design/Icon';
import { useSettled } from '../../design/use-settled';
import { activeFilters, type SweepsKey } from './sweeps-state';

const states = ['running', 'paused', 'completed', 'failed', 'cancelled'] as const;

interface FiltersProps {
  search: URLSearchParams;
  change: (name: SweepsKey, value: string | undefined) => void;
}

/** Filters of the list of sweeps, and what is set as chips. */
export function SweepFilters({ search, change }: FiltersProps) {
  const members = useQuery(membersQuery());
  const datasets = useQuery(datasetsQuery());
  const choice = (name: SweepsKey, label: string, values: readonly string[]) => (
    <label className="field">
      {label}
      <select value={search.get(name) ?? ''} onChange={({ target }) => change(name, target.value || undefined)}>
        <option value="">any</option>
        {[...new Set([...values, ...search.getAll(name)])].map((value) => (
          <option key={value}>{value}</option>
        ))}
      </select>
    </label>
  );
  return (
    <div className="filters">
      <div className="row">
        <Typed
          label="Search"
          hint="name, note or id"
          text={search.get('search') ?? ''}
          change={(text) => change('search', text)}
        />
        <Typed
          label="Parameter"
          hint="model.hiddenSize"
          text={search.get('parameter') ?? ''}
          change={(text) => change('parameter', text)}
        />
        {choice('owner', 'Owner', members.data?.items.map(({ name }) => name) ?? [])}
        {choice('dataset', 'Data', datasets.data?.items.map(({ name }: DatasetView) => name) ?? [])}
        {choice('state', 'State', states)}
        <label className="field">
          Since
          <input
            type="date"
            value={search.get('since') ?? ''}
            onChange={({ target }) => change('since', target.value || undefined)}
          />
        </label>
        <label className="field">
          <input
            type="checkbox"
            checked={search.get('archived') === 'true'}
            onChange={({ target }) => change('archived', target.checked ? 'true' : undefined)}
          />
          Archived
        </label>
      </div>
      <Active search={search} change={change} />
    </div>
  );
}

function Active({ search, change }: FiltersProps) {
  const active = activeFilters(search);
  if (active.length === 0) return null;
  return (
    <ul className="row" aria-label="Active filters">
      {active.map(({ name, text }) => (
        <li key={name} className="chip">
          {text}
          <button type="button" aria-label={`Remove filter ${text}`} onClick={() => change(name, undefined)}>
            <Icon name="close" />
          </button>
        </li>
      ))}
    </ul>
  );
}

interface TypedProps {
  label: string;
  hint: string;
  text: string;
  change: (text: string | undefined) => void;
}

/** Searches when the typing pauses. */
function Typed({ label, hint, text, change }: TypedProps) {
  const [typed, type] = useState(text);
  const settled = useSettled(typed, 300);
  useEffect(() => {
    if (settled !== text) change(settled || undefined);
    // Only what was typed searches: a change of the address is not typed.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [settled]);
  useEffect(() => type(text), [text]);
  return (
    <label className="field">
      {label}
      <input type="search" placeholder={hint} value={typed} onChange={({ target }) => type(target.value)} />
    </label>
  );
}
