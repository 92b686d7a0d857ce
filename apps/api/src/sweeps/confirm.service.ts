import { HttpStatus, Injectable } from '@nestjs/common';
import { isExploiting, isStudy, sweepSpec, validate, type ConfirmBody, type SweepView } from '@unroll/contracts';
import { DataSource } from 'typeorm';
import type { Caller } from '../access/caller';
import { readRows } from '../boards/board-page';
import { BoardsService } from '../boards/boards.service';
import { ProblemException } from '../http/problem';
import { confirmationOf } from './confirmation';
import { SubmissionsService } from './submissions.service';

@Injectable()
export class ConfirmService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly boards: BoardsService,
    private readonly submissions: SubmissionsService,
  ) {}

  /** Submits a sweep that trains the best completed configurations again, with new seeds; once for requests with the same key. */
  async confirm(
    caller: Caller,
    prefix: string,
    { top, seeds }: ConfirmBody,
    key: string | undefined,
  ): Promise<SweepView> {
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
    const best = rows.map(({ parameters }) => parameters);
    const spec = validate(sweepSpec, confirmationOf(sweep.spec, sweep.name, best, seeds));
    const what = rows.length === 1 ? 'the best configuration' : `the best ${rows.length} configurations`;
    const note = `Confirms ${what} of [${sweep.name.replaceAll(/[\\[\]]/g, '\\$&')}](/sweeps/${sweep.id}) with ${seeds} new seeds.`;
    // A request that is repeated is the same though another configuration may be the best by then.
    return this.submissions.submit(caller, spec, key, {
      route: `POST /v1/sweeps/${sweep.id}/confirm`,
      body: { top, seeds },
      note,
    });
  }
}
