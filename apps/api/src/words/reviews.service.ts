import { HttpStatus, Injectable } from '@nestjs/common';
import { limits, type Page, type Review, type ReviewBody } from '@unroll/contracts';
import { findId, newId, ReviewRow, Trial } from '@unroll/database';
import { DataSource } from 'typeorm';
import type { Caller } from '../access/caller';
import { ProblemException } from '../http/problem';

/** What members say of configurations, each named by one of its trials. */
@Injectable()
export class ReviewsService {
  constructor(private readonly dataSource: DataSource) {}

  async write(caller: Caller, prefix: string, { verdict, text }: ReviewBody): Promise<Review> {
    const of = await this.configuration(caller, prefix);
    const rows = this.dataSource.getRepository(ReviewRow);
    if ((await rows.countBy(of)) >= limits.reviews)
      throw new ProblemException(HttpStatus.CONFLICT, `a configuration has at most ${limits.reviews} reviews`);
    const id = newId();
    await rows.insert({ id, ...of, author: caller.member, verdict, text });
    return review(await rows.findOneByOrFail({ id }));
  }

  /** Newest first: there are few. */
  async list(caller: Caller, prefix: string): Promise<Page<Review>> {
    const where = await this.configuration(caller, prefix);
    const rows = await this.dataSource
      .getRepository(ReviewRow)
      .find({ where, order: { createdAt: 'DESC', id: 'DESC' } });
    return { items: rows.map(review), nextCursor: null };
  }

  private async configuration({ teamId }: Caller, prefix: string): Promise<{ sweepId: string; configuration: number }> {
    const id = await findId(this.dataSource, teamId, 'trials', prefix);
    const { sweepId, configuration } = await this.dataSource.getRepository(Trial).findOneByOrFail({ id });
    return { sweepId, configuration };
  }
}

const review = ({ id, author, verdict, text, createdAt }: ReviewRow): Review => ({
  ...{ id, author, verdict, text, createdAt: createdAt.toISOString() },
});
