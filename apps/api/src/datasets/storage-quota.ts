import {
  HttpStatus,
  Inject,
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { passedStorage, storedBytes, type PassedStorage } from '@unroll/database';
import type { Request } from 'express';
import { statfs } from 'node:fs/promises';
import { finalize, type Observable } from 'rxjs';
import { DataSource } from 'typeorm';
import { findCaller, type Caller } from '../access/caller';
import { ProblemException } from '../http/problem';
import { temporaryFolder } from './temporary-folder';

/** Injection token of the bytes that all registered data sets may have together. */
export const mostStored = Symbol('MostStored');

/** Bytes of a single upload. */
export const largestUpload = 16 * 1024 ** 3;
/** Bytes of a disk that uploads leave free, for databases and logs that may share it. */
const leftFree = 2 ** 30;

const inText = (bytes: number): string =>
  bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;

/** Refuses an upload that a quota of its team or its member has no room for. */
export const refusedByQuota = ({ teamId, member }: Caller, passed: PassedStorage, bytes: number): ProblemException =>
  new ProblemException(
    HttpStatus.INSUFFICIENT_STORAGE,
    `${passed.member === '' ? `the team ${teamId}` : member} has ${inText(passed.stored)} of at most ${inText(passed.most)} of data sets, ` +
      `and this one has ${inText(bytes)}: delete some with unroll dataset delete, or ask an admin for a larger quota`,
  );

/** Refuses uploads for which there is no space, before they are read. What other uploads have announced counts as taken. */
@Injectable()
export class StorageQuota implements NestInterceptor {
  /** Bytes that the uploads in progress have announced. */
  private arriving = 0;

  constructor(
    private readonly dataSource: DataSource,
    @Inject(mostStored) private readonly most: number,
    @Inject(temporaryFolder) private readonly folder: string,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<Request>();
    const announced = request.headers['content-length'];
    if (announced === undefined)
      throw new ProblemException(HttpStatus.LENGTH_REQUIRED, 'an upload must announce its size: send Content-Length');
    const bytes = Number(announced);
    this.arriving += bytes;
    try {
      await this.requireSpace(bytes, findCaller(request)!);
    } catch (error) {
      this.arriving -= bytes;
      throw error;
    }
    return next.handle().pipe(finalize(() => (this.arriving -= bytes)));
  }

  private async requireSpace(bytes: number, caller: Caller): Promise<void> {
    if (bytes > largestUpload)
      throw new ProblemException(
        HttpStatus.PAYLOAD_TOO_LARGE,
        `file: has ${inText(bytes)}, more than ${inText(largestUpload)}: use a part of it`,
      );
    const passed = await passedStorage(this.dataSource, caller, bytes);
    if (passed) throw refusedByQuota(caller, passed, bytes);
    const stored = await storedBytes(this.dataSource);
    if (stored + this.arriving > this.most)
      throw new ProblemException(
        HttpStatus.INSUFFICIENT_STORAGE,
        `the data sets have ${inText(stored)} of at most ${inText(this.most)}: delete some with unroll dataset delete, or raise UNROLL_DATASETS_GB`,
      );
    const { bavail, bsize } = await statfs(this.folder);
    // An upload is written to the temporary folder, and then to the store, which may be on the same disk.
    if (bavail * bsize - 2 * this.arriving < leftFree)
      throw new ProblemException(
        HttpStatus.INSUFFICIENT_STORAGE,
        `the disk of the API has ${inText(bavail * bsize)} left, too few for this upload: delete data sets, or free some space`,
      );
  }
}
