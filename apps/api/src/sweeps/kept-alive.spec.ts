import { keptAlive } from './kept-alive';

describe('a transaction that waits for other work', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('is never silent for long, says one thing at a time, and goes on once both have ended', async () => {
    const signs: ((error?: Error) => void)[] = [];
    const query = jest.fn(() => new Promise<void>((end, fail) => signs.push((error) => (error ? fail(error) : end()))));
    let finish!: (answer: string) => void;
    let answer: string | undefined;
    const waiting = keptAlive({ query: query as never }, new Promise<string>((end) => (finish = end)));
    const waited = waiting.then((found) => (answer = found));
    for (const count of [1, 2, 3]) {
      await jest.advanceTimersByTimeAsync(7000);
      expect(signs).toHaveLength(count);
      if (count < 3) signs.at(-1)!(count === 1 ? new Error('the connection is lost') : undefined);
    }
    finish('done');
    await jest.advanceTimersByTimeAsync(7000);
    expect(answer).toBeUndefined();
    signs.at(-1)!();
    await waited;
    expect([answer, jest.getTimerCount()]).toEqual(['done', 0]);
  });

  it('fails with the work', async () => {
    const failing = keptAlive({ query: jest.fn() }, Promise.reject(new Error('too large')));
    await expect(failing).rejects.toThrow('too large');
    expect(jest.getTimerCount()).toBe(0);
  });
});
