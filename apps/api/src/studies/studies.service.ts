import { HttpStatus, Injectable } from '@nestjs/common';
import {
  toMeasure,
  ValidationError,
  type study,
  type SweepSpec,
  type SweepView,
  type TrialView,
} from '@unroll/contracts';
import {
  askTrial,
  commitWork,
  findId,
  flush,
  giveUpAttempts,
  lostIds,
  renewLeases,
  toldTrial,
  type AttemptWork,
  type ToldTrial,
} from '@unroll/database';
import { standingAfter, type Standing } from '@unroll/search';
import { judge } from '@unroll/verdicts';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import type { Caller } from '../access/caller';
import { ProblemException } from '../http/problem';
import { SchedulerService } from '../scheduler/scheduler.service';
import { SubmissionsService } from '../sweeps/submissions.service';
import { TrialsService } from '../trials/trials.service';

/** Milliseconds between two looks for a trial that is free. */
const lookEvery = 100;

const conflict = (message: string): ProblemException => new ProblemException(HttpStatus.CONFLICT, message);

/** What JSON says of a value that is not finite. */
const number = (value: number | null): number => value ?? NaN;

/** The values of each metric at some steps. */
interface Steps {
  updates: number[];
  metrics: Record<string, number>[];
}

/** Studies: sweeps whose trials are run by whoever asks for them, and which report and tell what came of it. */
@Injectable()
export class StudiesService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly submissions: SubmissionsService,
    private readonly trials: TrialsService,
    private readonly scheduler: SchedulerService,
  ) {}

  create(caller: Caller, spec: SweepSpec, key: string | undefined): Promise<SweepView> {
    return this.submissions.submit(caller, spec, key, { route: 'POST /v1/studies', body: spec, note: '' });
  }

  /**
   * The next trial, with a lease; waits for one that the search is about to propose, or that another's end makes room for. Whoever has
   * `gone` meanwhile gets none: its lease would keep the trial from others.
   */
  async ask(
    caller: Caller,
    prefix: string,
    { lease, wait, host }: study.AskBody,
    gone: AbortSignal,
  ): Promise<study.Asked> {
    const id = await findId(this.dataSource, caller.teamId, 'sweeps', prefix);
    const asker = { member: caller.member, host, leaseSeconds: lease };
    const deadline = performance.now() + wait * 1000;
    for (;;) {
      const answer = await askTrial(this.dataSource, id, asker);
      if (!answer) throw conflict(`sweep ${id} is no study: workers train its trials`);
      const { trial, state, isOver } = answer;
      if (trial) {
        const { trialId, attemptId, ...rest } = trial;
        if (gone.aborted) await this.giveBack(attemptId);
        return { trial: { id: trialId, attempt: attemptId, ...rest }, state, isOver };
      }
      if (isOver || performance.now() >= deadline) return { trial: null, state, isOver };
      this.scheduler.wake();
      await sleep(lookEvery, undefined, { signal: gone }).catch(() => undefined);
      if (gone.aborted) return { trial: null, state, isOver };
    }
  }

  /** Ends an attempt that nobody has heard of. */
  private async giveBack(attemptId: string): Promise<void> {
    const end = { state: 'released', message: 'whoever asked for it had gone' } as const;
    await this.dataSource.transaction((manager) => giveUpAttempts(manager, [attemptId], end));
  }

  /**
   * Writes a report of a running trial, renews its lease, and asks the stopping rule. The last report again, whose answer was lost, renews
   * the lease alone.
   */
  async report(caller: Caller, prefix: string, body: study.ReportBody): Promise<study.Reported> {
    const trial = await this.find(caller, prefix);
    const { step, value, metrics, attempt, lease } = body;
    const ended = endedByOthers(trial, attempt);
    if (ended) return ended;
    const attemptId = requireRunning(trial, attempt);
    if (step < trial.lastStep) throw conflict(`step ${step}: the trial has reported step ${trial.lastStep} already`);
    if (step > trial.steps)
      throw new ValidationError([{ path: 'step', message: `is beyond the study's steps, ${trial.steps}` }]);
    const own = value === undefined ? {} : { [trial.objective.metric]: value };
    const steps = { updates: [step], metrics: [finite({ ...metrics, ...own })] };
    const life = { held: [attemptId], leaseSeconds: lease };
    const lost =
      step === trial.lastStep
        ? await this.renew(attemptId, lease)
        : await commitWork(this.dataSource, [workOf(trial, attemptId, steps)], [], judge, life);
    if (lostIds(lost).includes(attemptId)) {
      const after = await toldTrial(this.dataSource, trial.id);
      this.scheduler.wake();
      return endedByOthers(after, attemptId) ?? refuse(after);
    }
    return { stop: false, why: null };
  }

  /** Renews a lease for good: one that is long must not end at its old time after a crash of PostgreSQL. */
  private async renew(attemptId: string, lease: number): ReturnType<typeof renewLeases> {
    const lost = await renewLeases(this.dataSource, [attemptId], lease);
    await flush(this.dataSource);
    return lost;
  }

  /** Ends a trial with its value. Telling the same attempt again changes nothing. */
  async tell(caller: Caller, prefix: string, body: study.TellBody): Promise<TrialView> {
    const trial = await this.find(caller, prefix);
    if (hasEnded(trial, body.attempt)) return this.trials.show(caller, trial.id);
    const attemptId = requireRunning(trial, body.attempt);
    const work = endOf(trial, attemptId, body);
    const lost = await commitWork(this.dataSource, [work], [], judge);
    if (lostIds(lost).includes(attemptId)) {
      const after = await toldTrial(this.dataSource, trial.id);
      if (!hasEnded(after, body.attempt)) refuse(after);
    }
    this.scheduler.wake();
    return this.trials.show(caller, trial.id);
  }

  private async find(caller: Caller, prefix: string): Promise<ToldTrial> {
    const id = await findId(this.dataSource, caller.teamId, 'trials', prefix);
    const trial = await toldTrial(this.dataSource, id);
    if (!trial.isStudy) throw conflict(`trial ${id} is of no study: a worker trains it`);
    return trial;
  }
}

/** The answer to a report of a trial that was pruned or cancelled meanwhile. */
function endedByOthers({ state, message, attemptId }: ToldTrial, attempt = attemptId): study.Reported | undefined {
  const isOwn = attempt === attemptId && (state === 'pruned' || state === 'cancelled');
  return isOwn ? { stop: true, why: message ?? state } : undefined;
}

/**
 * Whether the trial ended with the attempt that was named: it was told, pruned or cancelled. One whose lease ran out has no end, nor has
 * one that was retried.
 */
const hasEnded = ({ state, attemptId, attemptState }: ToldTrial, attempt: string | undefined): boolean =>
  attempt !== undefined &&
  state !== 'pending' &&
  state !== 'running' &&
  attempt === attemptId &&
  (attemptState === 'succeeded' || attemptState === 'failed' || attemptState === 'cancelled');

function refuse({ id, state }: ToldTrial): never {
  const lost = {
    running: 'its lease ended, and it was given to another',
    pending: 'its attempt ended, and it waits for another: ask for it again',
  };
  const why = state === 'running' || state === 'pending' ? lost[state] : `it is ${state}`;
  throw conflict(`trial ${id} takes no more reports: ${why}`);
}

/** The attempt that runs. @throws ProblemException (409) unless it is the one that was named */
function requireRunning(trial: ToldTrial, attempt = trial.attemptId): string {
  if (trial.state !== 'running' || attempt === null || attempt !== trial.attemptId) refuse(trial);
  return attempt;
}

const finite = (metrics: Record<string, number | null>): Record<string, number> =>
  Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, number(value)]));

/** The work of steps that were just reported: points of curves, and the trial's standing after them. */
function workOf(trial: ToldTrial, attemptId: string, { updates, metrics }: Steps): AttemptWork {
  const before: Standing = { value: trial.value, update: trial.updates, metrics: trial.metrics };
  const standing = metrics.reduce(
    (so, each, index) => standingAfter(trial.objective, so, { update: updates[index]!, metrics: each }),
    before,
  );
  const names = [...new Set(metrics.flatMap((each) => Object.keys(each)))];
  const curves = names.map((name) => {
    const own = metrics.flatMap((each, index) => (name in each ? [[updates[index]!, each[name]!] as const] : []));
    return { name, updates: own.map(([update]) => update), values: own.map(([, value]) => value) };
  });
  return {
    ...{ attemptId, trialId: trial.id, value: standing.value, metrics: standing.metrics },
    ...{ updates: updates.at(-1) ?? trial.lastStep, sample: null, curves, diagnostics: [] },
  };
}

/**
 * The steps that a tell adds: a whole curve, or one value after those that were reported. After the last step it says again what that one
 * came to, since no trial is longer than the study.
 */
function toldSteps({ steps, lastStep, objective }: ToldTrial, { value, curve, metrics }: study.TellBody): Steps {
  if (curve) {
    if (curve.length > steps)
      throw new ValidationError([
        {
          path: 'curve',
          message: `has ${curve.length} values: the study has ${steps} step${steps === 1 ? '' : 's'}; create it with steps: ${curve.length}`,
        },
      ]);
    if (lastStep > 0)
      throw conflict(`curve: the trial has reported up to step ${lastStep}: tell its value, or nothing more`);
    const values = curve.map((each, index) => ({
      ...(index === curve.length - 1 ? finite(metrics) : {}),
      [objective.metric]: number(each),
    }));
    return { updates: curve.map((_, index) => index + 1), metrics: values };
  }
  const own = finite({ ...metrics, ...(value === undefined ? {} : { [objective.metric]: value }) });
  if (Object.keys(own).length === 0) return { updates: [], metrics: [] };
  return { updates: [lastStep === 0 ? steps : Math.min(lastStep + 1, steps)], metrics: [own] };
}

function endOf(trial: ToldTrial, attemptId: string, body: study.TellBody): AttemptWork {
  const { state, message = null } = body;
  const work = workOf(trial, attemptId, toldSteps(trial, body));
  const told = body.curve ? body.curve.at(-1) : body.value;
  if (state === 'failed' || told === null) {
    const trialState = state === 'failed' ? 'failed' : 'diverged';
    const why = message ?? (state === 'failed' ? 'told without a reason' : 'the value told is not finite');
    return { ...work, end: { trialState, seconds: trial.seconds ?? 0, message: why, model: null } };
  }
  if (work.value === null)
    throw new ValidationError([{ path: 'value', message: 'is missing: nothing was reported that could be the value' }]);
  return {
    ...work,
    value: toMeasure(work.value) as number,
    end: { trialState: 'completed', seconds: trial.seconds ?? 0, message, model: null },
  };
}
