import { useEffect, useState } from 'react';

/** Debounces: `value` once it has not changed for `after` milliseconds. */
export function useSettled<Value>(value: Value, after: number): Value {
  const [kept, keep] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => keep(value), after);
    return () => clearTimeout(timer);
  }, [value, after]);
  return kept;
}
