import { activeFilters, sortedBy, sortOf, sweepsQueryOf, withKey } from './sweeps-state';

const read = (text: string): URLSearchParams => new URLSearchParams(text);

describe('the address of the list of sweeps', () => {
  it('is the query of the API, without what other pages put there', () => {
    expect(sweepsQueryOf(read('owner=Ada&state=running&state=paused&tab=x'))).toEqual({
      owner: ['Ada'],
      state: ['running', 'paused'],
    });
  });

  it('returns to the first page when a filter changes', () => {
    expect(withKey(read('cursor=abc&owner=Ada'), 'tag', 'paper').toString()).toBe('owner=Ada&tag=paper');
    expect(withKey(read('owner=Ada'), 'owner', undefined).toString()).toBe('');
  });

  it('says which filters are set', () => {
    expect(activeFilters(read('owner=Ada&archived=true&sort=name')).map(({ text }) => text)).toEqual([
      'owner: Ada',
      'archived',
    ]);
  });

  it('sorts each column its own way first, and the other way at the second click', () => {
    const byName = sortedBy(read(''), 'name');
    expect(sortOf(byName)).toEqual({ by: 'name', descending: false });
    expect(sortOf(sortedBy(byName, 'name'))).toEqual({ by: 'name', descending: true });
    expect(sortedBy(sortedBy(byName, 'name'), 'created').toString()).toBe('');
    expect(sortedBy(read(''), 'created').toString()).toBe('order=asc');
  });
});
