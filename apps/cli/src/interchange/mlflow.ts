import { CommandFailed } from '../errors/command-failed';

/** A metric of a run at a step. `time`: milliseconds since 1970. */
export interface LoggedMetric {
  key: string;
  value: number;
  step: number;
  time: number;
}

/** A run to create. Times are milliseconds since 1970. */
export interface LoggedRun {
  name: string;
  begin: number;
  end: number;
  failed: boolean;
  parameters: [key: string, value: string][];
  tags: [key: string, value: string][];
  metrics: LoggedMetric[];
}

/** Most metrics and parameters of one call. */
const metricsOfCall = 1000;
const parametersOfCall = 100;
/** Longest value of a parameter. */
const longestParameter = 6000;

/** A name as MLflow takes it: letters, digits and _ - . / and spaces. */
const named = (key: string): string =>
  key
    .replaceAll(/[^\w\-. /]/g, '_')
    .replaceAll(/\/{2,}/g, '/')
    .slice(0, 250);

/** JSON has no numbers that are not finite: MLflow reads these words. */
const written = (value: number): number | string =>
  Number.isFinite(value) ? value : Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';

function* batches<Item>(all: readonly Item[], size: number): Generator<Item[]> {
  for (let begin = 0; begin < all.length; begin += size) yield all.slice(begin, begin + size);
}

/** The REST API of an MLflow server, version 2.0: https://mlflow.org/docs/latest/rest-api.html. */
export class Mlflow {
  constructor(private readonly url: string) {}

  /** The id of a new experiment. @throws CommandFailed for a name that is taken */
  async createExperiment(name: string): Promise<string> {
    const { experiment_id: id } = await this.call<{ experiment_id: string }>('experiments/create', { name });
    return id;
  }

  /** Creates a run and logs all of it; its id. @throws CommandFailed, also where the server has fewer metrics than were sent */
  async log(experiment: string, logged: LoggedRun): Promise<string> {
    const { run } = await this.call<{ run: { info: { run_id: string } } }>('runs/create', {
      ...{ experiment_id: experiment, run_name: logged.name, start_time: logged.begin },
      tags: logged.tags.map(([key, value]) => ({ key: named(key), value })),
    });
    const { run_id } = run.info;
    const params = logged.parameters.map(([key, value]) => ({
      key: named(key),
      value: value.slice(0, longestParameter),
    }));
    for (const batch of batches(params, parametersOfCall)) await this.call('runs/log-batch', { run_id, params: batch });
    const metrics = logged.metrics.map(({ key, value, step, time }) => ({
      ...{ key: named(key), value: written(value), step: Math.round(step), timestamp: Math.round(time) },
    }));
    for (const batch of batches(metrics, metricsOfCall)) await this.call('runs/log-batch', { run_id, metrics: batch });
    await this.call('runs/update', { run_id, status: logged.failed ? 'FAILED' : 'FINISHED', end_time: logged.end });
    await this.requireAll(run_id, new Set(metrics.map(({ key }) => key)));
    return run_id;
  }

  /** A metric that the server cannot read ends the reading of its batch there, and the answer is a success all the same. */
  private async requireAll(run_id: string, keys: ReadonlySet<string>): Promise<void> {
    type Run = { run: { data: { metrics?: { key: string }[] } } };
    const { run } = await this.call<Run>(`runs/get?${new URLSearchParams({ run_id }).toString()}`);
    const kept = new Set((run.data.metrics ?? []).map(({ key }) => key));
    const lost = [...keys].find((key) => !kept.has(key));
    if (lost !== undefined) throw new CommandFailed(`${this.url}: run ${run_id} has not kept the metric ${lost}`);
  }

  private async call<Answer = unknown>(path: string, body?: object): Promise<Answer> {
    const response = await fetch(`${this.url}/api/2.0/mlflow/${path}`, {
      method: body ? 'POST' : 'GET',
      ...(body ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {}),
    }).catch((error: Error & { cause?: { code?: string } }) => {
      throw new CommandFailed(`--to ${this.url}: is not reachable (${error.cause?.code ?? error.message})`);
    });
    const text = await response.text();
    if (response.ok) return JSON.parse(text) as Answer;
    let why = text.slice(0, 200);
    try {
      why = (JSON.parse(text) as { message?: string }).message ?? why;
    } catch {
      // No message of MLflow: what came is shown as it is.
    }
    throw new CommandFailed(`--to ${this.url}: answers ${response.status}: ${why.split('\n')[0]}`);
  }
}
