import { useEffect, useState } from 'react';

/** `value` once it has not changed for so many milliseconds. */
export function useSettled<Value>(value: Value, after: number): Value {
  const [kept, keep] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => keep(value), after);
    return () => clearTimeout(timer);
  }, [value, after]);
  return kept;
}
