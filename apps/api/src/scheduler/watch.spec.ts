import { Watch } from './watch';

/** What a leader may do that looks every half second from `from` to `to`. */
function look(watch: Watch, from: number, to: number): boolean[] {
  return Array.from({ length: (to - from) * 2 }, (_, index) => watch.seen(from + (index + 1) / 2));
}

describe('the watch over leases', () => {
  it('takes nothing before a whole lease of watching', () => {
    const seen = look(new Watch(20), 1000, 1025);
    expect(seen.indexOf(true)).toBe(41);
    expect(seen.slice(41)).not.toContain(false);
  });

  it('begins anew after a lost connection', () => {
    const watch = new Watch(20);
    look(watch, 0, 30);
    watch.lost();
    expect(look(watch, 30, 50)).not.toContain(true);
    expect(look(watch, 50, 51)).toContain(true);
  });

  it('begins anew where the server did not answer for longer, or its clock jumped either way', () => {
    for (const jump of [8, 3600, -3600]) {
      const watch = new Watch(20);
      look(watch, 10_000, 10_030);
      expect(look(watch, 10_030 + jump, 10_050 + jump)).not.toContain(true);
    }
  });

  it('does not mind a look that takes a few seconds', () => {
    const watch = new Watch(20);
    look(watch, 0, 30);
    expect(watch.seen(37)).toBe(true);
  });
});
