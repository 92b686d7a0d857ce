import { readCurveState } from './curve-state';
import { useSearch } from './own-search';

/** Controls for the smoothing and scale of curves, stored in the address. */
export function CurveOptions() {
  const [search, setSearch] = useSearch();
  const { smoothing, logarithmic } = readCurveState(search);
  const change = (key: string, value: string | undefined): void =>
    setSearch(
      (now) => {
        const next = new URLSearchParams(now);
        if (value === undefined) next.delete(key);
        else next.set(key, value);
        return next;
      },
      { replace: true },
    );
  return (
    <>
      <label className="field">
        Smoothing
        <input
          type="range"
          min={0}
          max={0.95}
          step={0.05}
          value={smoothing}
          aria-valuetext={smoothing === 0 ? 'none' : String(smoothing)}
          onChange={({ target }) => change('smoothing', target.value === '0' ? undefined : target.value)}
        />
        <output className="number">{smoothing.toFixed(2)}</output>
      </label>
      <label className="field">
        <input
          type="checkbox"
          checked={logarithmic}
          onChange={({ target }) => change('scale', target.checked ? 'log' : undefined)}
        />
        Log scale
      </label>
    </>
  );
}
