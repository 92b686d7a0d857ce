import { useSearch } from './own-search';

/** Selects the metric, stored in the address. */
export function MetricChoice({ metrics, metric }: { metrics: readonly string[]; metric: string }) {
  const [, setSearch] = useSearch();
  const choose = (name: string): void =>
    setSearch(
      (now) => {
        const next = new URLSearchParams(now);
        next.set('metric', name);
        return next;
      },
      { replace: true },
    );
  return (
    <label className="field">
      Metric
      <select value={metric} onChange={({ target }) => choose(target.value)}>
        {metrics.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  );
}
