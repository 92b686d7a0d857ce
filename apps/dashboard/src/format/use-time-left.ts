import type { SweepView } from '@unroll/contracts';
import { useRef } from 'react';
import { estimateLeft, leftOf, type Estimate } from './progress';

/** Seconds left for a sweep that is shown, which do not rise while no trial ends; null if unknown. */
export function useTimeLeft(sweep: SweepView, now: number): number | null {
  const estimate = useRef<Estimate | null>(null);
  estimate.current = estimateLeft(estimate.current, sweep, now);
  return estimate.current && leftOf(estimate.current, now);
}
