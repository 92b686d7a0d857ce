import { Rounds } from './rounds';

/** Rounds whose end the test decides: `end(pause)` ends the one under way. */
function controlled() {
  const begun: ((pause: number | Promise<number>) => void)[] = [];
  const errors: unknown[] = [];
  const waiting: (() => void)[] = [];
  const rounds = new Rounds(
    () =>
      new Promise<number>((end) => {
        begun.push(end);
        for (const each of waiting.splice(0)) each();
      }),
    (error) => errors.push(error),
  );
  /** Resolves once so many have begun. */
  const haveBegun = async (count: number): Promise<void> => {
    while (begun.length < count) await new Promise<void>((resolve) => waiting.push(resolve));
  };
  const end = (pause: number | Promise<number>): void => begun.at(-1)!(pause);
  return { rounds, errors, haveBegun, count: () => begun.length, end };
}

/** Long enough that a spec which waits for it fails. */
const hour = 3_600_000;

describe('rounds of work', () => {
  it('follow each other after the pause that each one asks for', async () => {
    const { rounds, haveBegun, end } = controlled();
    rounds.wake();
    for (const [index, pause] of [1, 0, 1].entries()) {
      end(pause);
      await haveBegun(index + 2);
    }
    end(hour);
    await rounds.stop();
  });

  it('begin at once when they are woken in a pause, and once more when that is during a round', async () => {
    const { rounds, haveBegun, count, end } = controlled();
    rounds.wake();
    for (let times = 0; times < 3; times += 1) rounds.wake();
    expect(count()).toBe(1);
    end(hour);
    await haveBegun(2);
    end(hour);
    await Promise.resolve();
    rounds.wake();
    await haveBegun(3);
    expect(count()).toBe(3);
    end(hour);
    await rounds.stop();
  });

  it('have ended when they are stopped, and none begins afterwards', async () => {
    const { rounds, count, end } = controlled();
    rounds.wake();
    rounds.wake();
    let hasStopped = false;
    const stopping = rounds.stop().then(() => (hasStopped = true));
    await Promise.resolve();
    expect(hasStopped).toBe(false);
    end(0);
    await stopping;
    rounds.wake();
    expect([count(), rounds.stopped]).toEqual([1, true]);
  });

  it('go on after one that failed, whose error is told', async () => {
    const { rounds, errors, haveBegun, end } = controlled();
    rounds.wake();
    const error = new Error('the database is gone');
    end(Promise.reject(error));
    await haveBegun(2);
    rounds.wake();
    end(Promise.reject(error));
    await haveBegun(3);
    end(Promise.reject(error));
    await rounds.stop();
    expect(errors).toEqual([error, error, error]);
  });
});
