import { goalSign, isResuming, type Objective, type Rungs, type SweepSpec } from '@unroll/contracts';
import { sweepPairedTests, sweepVerdicts } from '@unroll/database';
import { rankCorrelation } from '@unroll/search';
import type { DataSource } from 'typeorm';

/** What a sweep's stopping rule decided at each rung, and how well the ranking there predicted the ranking at the next. */
export async function summarizeRungs(
  dataSource: DataSource,
  { id, spec, objective }: { id: string; spec: SweepSpec; objective: Objective },
): Promise<Rungs> {
  const sign = goalSign(objective);
  // Of a configuration that failed on the way to a rung, and was retried, the last.
  const last = new Map(
    (await sweepVerdicts(dataSource, id)).map((verdict) => [`${verdict.configuration} ${verdict.rung}`, verdict]),
  );
  const byRung = new Map<number, Awaited<ReturnType<typeof sweepVerdicts>>>();
  for (const verdict of last.values()) byRung.set(verdict.rung, [...(byRung.get(verdict.rung) ?? []), verdict]);
  const resumes = isResuming(spec.stopping?.rule ?? 'none');
  const items = [...byRung].map(([rung, verdicts]) => {
    const later = new Map(byRung.get(rung + 1)?.map(({ configuration, score }) => [configuration, score]));
    // A configuration that copied another's checkpoint is left out: its value at the next rung is not its own.
    const both = verdicts.filter(({ configuration, decision }) => decision !== 'exploit' && later.has(configuration));
    const isStopped = ({ decision, laterSeen }: (typeof verdicts)[number]): boolean =>
      resumes ? decision === 'stop' && laterSeen === null : decision !== 'continue' || laterSeen !== null;
    const finite = verdicts.map(({ score }) => score).filter(Number.isFinite);
    const correlation = rankCorrelation(
      both.map(({ score }) => score),
      both.map(({ configuration }) => later.get(configuration)!),
    );
    return {
      rung,
      updates: [Math.min(...verdicts.map(({ update }) => update)), Math.max(...verdicts.map(({ update }) => update))],
      came: verdicts.length,
      stopped: verdicts.filter(isStopped).length,
      best: finite.length === 0 ? null : Math.min(...finite) * sign,
      correlation: correlation ?? null,
      compared: both.length,
    };
  });
  const { metric, goal } = objective;
  return {
    rule: spec.stopping?.rule ?? 'none',
    objective: { metric, goal },
    items,
    pairedTests: summarizePairedTests(await sweepPairedTests(dataSource, id)),
  };
}

function summarizePairedTests(tests: Awaited<ReturnType<typeof sweepPairedTests>>): Rungs['pairedTests'] {
  const looks = [...new Set(tests.map(({ seeds }) => seeds))].sort((a, b) => a - b);
  return looks.map((seeds) => {
    const own = tests.filter((test) => test.seeds === seeds);
    return { seeds, came: own.length, stopped: own.filter(({ decision }) => decision === 'stop').length };
  });
}
