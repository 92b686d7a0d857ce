import { useEffect, useState } from 'react';

/** The time, anew every so many milliseconds: what says how long ago something was stays true. */
export function useNow(every = 5_000): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}
