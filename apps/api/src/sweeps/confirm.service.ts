import { HttpStatus, Injectable } from '@nestjs/common';
import { isExploiting, isStudy, sweepSpec, validate, type ConfirmBody, type SweepView } from '@unroll/contracts';
import { findId, Trial, UnknownId, type BoardRow, type Sweep } from '@unroll/database';
import type { Parameters } from '@unroll/search';
import { DataSource, In } from 'typeorm';
import type { Caller } from '../access/caller';
import { readRows } from '../boards/board-page';
import { BoardsService } from '../boards/boards.service';
import { ProblemException } from '../http/problem';
import { SearchThreads } from '../search/search-threads';
import { confirmationOf } from './confirmation';
import { SubmissionsService } from './submissions.service';

const routeOf = (id: string): string => `POST /v1/sweeps/${id}/confirm`;

@Injectable()
export class ConfirmService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly boards: BoardsService,
    private readonly submissions: SubmissionsService,
    private readonly threads: SearchThreads,
  ) {}

  /**
   * The parameters of configurations in the space of a sweep, which an edit may have changed since they were drawn.
   * @throws ProblemException (409) for one that is outside: it would be another configuration there
   */
  private async inSpace({ spec, edits }: Sweep, rows: readonly BoardRow[]): Promise<Parameters[]> {
    if (edits === 0) return rows.map(({ parameters }) => parameters);
    const trials = await this.dataSource
      .getRepository(Trial)
      .find({ select: { id: true, spec: true }, where: { id: In(rows.map(({ trialId }) => trialId)) } });
    const specs = new Map(trials.map((trial) => [trial.id, trial.spec]));
    const configurations = rows.map(({ trialId, parameters }) => ({ spec: specs.get(trialId)!, parameters }));
    const places = await this.threads.answer('placed', { spec, configurations });
    return places.map((parameters, index) => {
      if (parameters) return parameters;
      const { configuration, trialId } = rows[index]!;
      throw new ProblemException(
        HttpStatus.CONFLICT,
        `configuration ${configuration} is not in what the sweep searches since it was edited: submit its own specification, ` +
          `unroll trial spec ${trialId}, with search.repeats`,
      );
    });
  }

  /** The sweep that the request submitted before; undefined if it did not. A sweep that was deleted has its complete id alone. */
  private async repeated(
    caller: Caller,
    prefix: string,
    body: ConfirmBody,
    key: string,
  ): Promise<SweepView | undefined> {
    const id = await findId(this.dataSource, caller.teamId, 'sweeps', prefix).catch((error: unknown) => {
      if (error instanceof UnknownId) return prefix;
      throw error;
    });
    return this.submissions.repeated(caller, key, { route: routeOf(id), body });
  }

  /** Submits a sweep that trains the best completed configurations again, with new seeds; once for requests with the same key. */
  async confirm(
    caller: Caller,
    prefix: string,
    { top, seeds }: ConfirmBody,
    key: string | undefined,
  ): Promise<SweepView> {
    const body = { top, seeds };
    // A request that is repeated is the same though another configuration may be the best by then, or the sweep be deleted.
    const repeated = key === undefined ? undefined : await this.repeated(caller, prefix, body, key);
    if (repeated) return repeated;
    const { board, sweep } = await this.boards.sweepBoard(caller, prefix);
    if (isStudy(sweep.spec))
      throw new ProblemException(
        HttpStatus.CONFLICT,
        'workers cannot train the trials of a study: ask for them with more seeds instead',
      );
    if (isExploiting(sweep.spec.stopping.rule))
      throw new ProblemException(
        HttpStatus.CONFLICT,
        `the sweep changed parameters while it trained (${sweep.spec.stopping.rule}): none of them can be trained again alone`,
      );
    const query = { sort: 'value', order: 'best', state: 'completed', cell: undefined, where: [], limit: top } as const;
    const { rows } = await readRows(this.dataSource, board, { ...query, where: [] });
    if (rows.length === 0)
      throw new ProblemException(HttpStatus.CONFLICT, 'no configuration of the sweep has completed: wait for one');
    const best = await this.inSpace(sweep, rows);
    const spec = validate(sweepSpec, confirmationOf(sweep.spec, sweep.name, best, seeds));
    const what = rows.length === 1 ? 'the best configuration' : `the best ${rows.length} configurations`;
    const note = `Confirms ${what} of [${sweep.name.replaceAll(/[\\[\]]/g, '\\$&')}](/sweeps/${sweep.id}) with ${seeds} new seeds.`;
    return this.submissions.submit(caller, spec, key, {
      route: routeOf(sweep.id),
      body,
      note,
      clonedFrom: sweep.id,
    });
  }
}
