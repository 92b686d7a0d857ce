import type { Connection } from './connection.ts';
import type { MetricSeries, TrialState, TrialView } from './schemas.ts';

/** A trial, as it was when it was last read: `view` is the answer of the API. */
export class Trial {
  private readonly path: string;

  constructor(
    private readonly connection: Connection,
    public view: TrialView,
  ) {
    this.path = `/v1/trials/${view.id}`;
  }

  get id(): string {
    return this.view.id;
  }

  get state(): TrialState {
    return this.view.state;
  }

  /** Its sampled parameters, by path. */
  get parameters(): TrialView['parameters'] {
    return this.view.parameters;
  }

  get value(): TrialView['value'] {
    return this.view.value;
  }

  /** Reads it again; resolves with itself. */
  async refresh(): Promise<this> {
    this.view = await this.connection.call<TrialView>('GET', this.path);
    return this;
  }

  /** A learning curve: updates, and a value for each, null where it was not finite. @throws RangeError for one that it does not have */
  async curve(name: string): Promise<MetricSeries> {
    const [found] = await this.read(name);
    if (found) return found;
    const names = (await this.curves()).map((each) => each.name);
    throw new RangeError(`trial ${this.id} has no curve ${name}; it has ${names.join(', ') || 'none yet'}`);
  }

  /** All its learning curves. */
  curves(): Promise<MetricSeries[]> {
    return this.read();
  }

  /** Its model: a safetensors file with PyTorch's names. */
  async model(): Promise<Uint8Array> {
    const response = await this.connection.open('GET', `${this.path}/model`);
    return new Uint8Array(await response.arrayBuffer());
  }

  /** Tries a failed or cancelled trial again. */
  async retry(): Promise<this> {
    this.view = await this.connection.call<TrialView>('POST', `${this.path}/retry`);
    return this;
  }

  private async read(name?: string): Promise<MetricSeries[]> {
    const { series } = await this.connection.call<{ series: MetricSeries[] }>('GET', `${this.path}/metrics`, {
      query: { name, maxPoints: 100_000 },
    });
    return series;
  }
}
