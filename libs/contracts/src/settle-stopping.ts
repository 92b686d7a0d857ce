import { isDistribution } from './distribution';
import { standardReportEvery, standardUpdates } from './training-spec';
import type { GivenStopping, StoppingSpec } from './stopping-spec';

/** Fewest reports or epochs of a training that `auto` judges before its end. */
const fewestReports = 6;
/** `auto` decides first after this part of the training. */
const firstPart = 1 / 25;

/**
 * Settles `auto`: freeze-thaw, whose first rung is at a 25th of the training (docs/search.md has the measurements); asha for a training in
 * epochs, and with a paired test, with which freeze-thaw does not go; none for a training of fewer than six reports, and for several
 * objectives. Undefined if the length of the training is searched, so that there is none to go by.
 */
export function settleStopping(
  { rule, ...options }: GivenStopping,
  { training, objectives }: { training?: unknown; objectives?: unknown },
): StoppingSpec | undefined {
  if (rule !== 'auto') return { rule, ...options };
  if (objectives) return { rule: 'none', ...options };
  if (isDistribution(training)) return undefined;
  const given = (training ?? {}) as Record<string, unknown>;
  const { epochs, updates = standardUpdates, reportEvery = standardReportEvery } = given;
  if (typeof epochs === 'number')
    return epochs < fewestReports
      ? { rule: 'none', ...options }
      : { rule: 'asha', minEpochs: Math.ceil(epochs * firstPart), ...options };
  if (epochs !== undefined || typeof updates !== 'number' || typeof reportEvery !== 'number') return undefined;
  if (updates / reportEvery < fewestReports) return { rule: 'none', ...options };
  const minUpdates = Math.ceil((updates * firstPart) / reportEvery) * reportEvery;
  return { rule: options.pThreshold === undefined ? 'freeze-thaw' : 'asha', minUpdates, ...options };
}
