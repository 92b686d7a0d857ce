import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { ValidationError } from '@unroll/contracts';
import type { SearchMethods } from './search-thread';
import { Thread, ThreadLost, within, type Limit } from '../threads/thread';

/** Megabytes of memory of a thread. */
const heapMegabytes = 1024;
/**
 * Niceness of the threads. On a core that they share with the thread that serves requests they get a tenth of its time (by the weights of
 * Linux' scheduler); on a free one, all that they can use.
 */
const niceness = 10;
/** Seconds without a call after which a thread that keeps nothing ends: each holds 30 MB. */
const idleSeconds = 10;
/** What a computation may take that a user waits for: beyond the time by the clock, the machine is at fault. */
const answerLimit: Limit = { cpu: 10, wall: 60 };
/** Seconds of CPU time that a computation over all trials of a sweep may take. */
const backgroundSeconds = 900;
/** Seconds of CPU time that a look at data may take; of larger data it is left to the trials. */
const dataSeconds = 60;
/** Seconds of CPU time for proposing: to replay a log or fit a model, and for each configuration. Only an endless loop takes as long. */
const proposingSeconds = 600;
const configurationSeconds = 60;
/** Seconds of CPU time for the schemas. They take a third of one, and nothing that is sent to the API makes it more. */
const schemaSeconds = 60;

/** Injection token of the threads' file. */
export const searchThread = Symbol('SearchThread');

type Name = keyof SearchMethods;
type Input<Method extends Name> = Parameters<SearchMethods[Method]>[0];
type Result<Method extends Name> = Promise<ReturnType<SearchMethods[Method]>>;

/**
 * The threads that compute with libs/search and libs/datasets. There are four, so that a slow computation holds up only others of its
 * kind.
 */
@Injectable()
export class SearchThreads implements BeforeApplicationShutdown {
  private readonly proposals: Thread<SearchMethods>;
  private readonly answers: Thread<SearchMethods>;
  private readonly others: Thread<SearchMethods>;
  private readonly data: Thread<SearchMethods>;

  constructor(@Inject(searchThread) file: string) {
    const stateless = { niceness, idleSeconds };
    this.proposals = new Thread(file, heapMegabytes, { niceness });
    this.answers = new Thread(file, heapMegabytes, stateless);
    this.others = new Thread(file, heapMegabytes, stateless);
    this.data = new Thread(file, heapMegabytes, stateless);
  }

  /** Computes for the scheduler, in the thread that keeps its searches. @throws what the method throws; ThreadLost */
  propose<Method extends Name>(method: Method, input: Input<Method>, configurations = 0): Result<Method> {
    return this.proposals.call(method, input, within(proposingSeconds + configurations * configurationSeconds));
  }

  /**
   * Computes for a request to submit or plan a sweep.
   * @throws what the method throws; ValidationError if it takes too much CPU time; ThreadLost, `busy` if the machine lets it have too
   * little
   */
  async answer<Method extends Name>(method: Method, input: Input<Method>, limit = answerLimit): Result<Method> {
    try {
      return await this.answers.call(method, input, limit);
    } catch (error) {
      if (!(error instanceof ThreadLost) || error.reason !== 'overdue') throw error;
      const message = `drawing the first trials took longer than ${limit.cpu} s: make search.constraints or the grids smaller`;
      throw new ValidationError([{ path: 'search', message }]);
    }
  }

  /** Makes the schemas of the API's documentation. @throws ThreadLost */
  schemas(): Result<'makeSchemas'> {
    return this.answers.call('makeSchemas', undefined, within(schemaSeconds));
  }

  /** Computes over all trials of a sweep. @throws what the method throws; ThreadLost */
  background<Method extends Name>(method: Method, input: Input<Method>): Result<Method> {
    return this.others.call(method, input, within(backgroundSeconds));
  }

  /** Reads data; undefined if that takes too long or too much memory. @throws what the method throws, and ThreadLost at shutdown */
  async read<Method extends Name>(
    method: Method,
    input: Input<Method>,
  ): Promise<ReturnType<SearchMethods[Method]> | undefined> {
    try {
      return await this.data.call(method, input, within(dataSeconds));
    } catch (error) {
      if (!(error instanceof ThreadLost) || error.reason === 'closed') throw error;
      return undefined;
    }
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([this.proposals, this.answers, this.others, this.data].map((thread) => thread.close()));
  }
}
