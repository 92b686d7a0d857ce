import { combinations } from './combinations';
it('prints', () => {
  for (const which of ['pairs', 'all'] as const) {
    const t = performance.now();
    const { tried, refused } = combinations(which);
    console.log(
      which,
      tried.length,
      refused.length,
      performance.now() - t,
      tried
        .slice(0, 5)
        .map((e) => e.name)
        .join('\n'),
    );
    const odd = refused.filter((r) => r.path !== r.given);
    console.log(
      odd.length,
      odd
        .slice(0, 10)
        .map((r) => r.name + ': ' + r.path + ' ' + r.message)
        .join('\n'),
    );
  }
});
