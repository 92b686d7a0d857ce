import { Watch } from './watch';

/** Whether a leader that observes the database every half second from `from` to `to` may reap, at each. */
function observe(watch: Watch, from: number, to: number): boolean[] {
  return Array.from({ length: (to - from) * 2 }, (_, index) => watch.observe(from + (index + 1) / 2));
}

describe('the lease watch', () => {
  it('reaps nothing before it has watched for a whole lease', () => {
    const mayReap = observe(new Watch(20), 1000, 1025);
    expect(mayReap.indexOf(true)).toBe(41);
    expect(mayReap.slice(41)).not.toContain(false);
  });

  it('restarts after a lost connection', () => {
    const watch = new Watch(20);
    observe(watch, 0, 30);
    watch.reset();
    expect(observe(watch, 30, 50)).not.toContain(true);
    expect(observe(watch, 50, 51)).toContain(true);
  });

  it('restarts if the database did not answer for longer, or its clock jumped either way', () => {
    for (const jump of [8, 3600, -3600]) {
      const watch = new Watch(20);
      observe(watch, 10_000, 10_030);
      expect(observe(watch, 10_030 + jump, 10_050 + jump)).not.toContain(true);
    }
  });

  it('tolerates an observation that takes a few seconds', () => {
    const watch = new Watch(20);
    observe(watch, 0, 30);
    expect(watch.observe(37)).toBe(true);
  });
});
