import { useApi } from '../support/api';
import { useDatabase } from '../support/database';

describe('the page, as the API serves it', () => {
  const api = useApi(useDatabase());
  const asBrowser = (path: string): Promise<Response> =>
    fetch(api.url + path, { headers: { accept: 'text/html,*/*' } });

  it('needs no key, and contains none', async () => {
    const answer = await asBrowser('/');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^text\/html/);
    expect(answer.headers.get('content-security-policy')).toContain("script-src 'self'");
    expect(await answer.text()).not.toContain(api.key);
  });

  it('is served to browsers at every path that is not part of the API', async () => {
    const page = await (await asBrowser('/')).text();
    for (const path of ['/sweeps/ab12cd34', '/compare?trial=a&trial=b', '/views/x', '/v1x', '/metricsx'])
      expect(await (await asBrowser(path)).text()).toBe(page);
  });

  it('leaves the paths of the API, and unknown paths requested by programs, to the API', async () => {
    expect((await asBrowser('/v1/sweeps')).status).toBe(401);
    expect((await asBrowser('/v1/nothing')).status).toBe(404);
    expect(await (await asBrowser('/healthz')).json()).toMatchObject({ status: 'ok' });
    const program = await fetch(`${api.url}/sweeps`, { headers: { accept: 'application/json' } });
    expect([program.status, program.headers.get('content-type')]).toEqual([
      404,
      'application/problem+json; charset=utf-8',
    ]);
    expect((await fetch(`${api.url}/sweeps`, { method: 'POST', headers: { accept: 'text/html' } })).status).toBe(404);
  });

  it('is revalidated each time, and its hashed assets are cached for a year', async () => {
    const answer = await asBrowser('/');
    expect(answer.headers.get('cache-control')).toBe('no-cache');
    const [, script] = /src="(\/assets\/[^"]+\.js)"/.exec(await answer.text())!;
    const asset = await fetch(api.url + script!);
    expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(asset.headers.get('content-encoding')).toMatch(/^(br|gzip)$/);
  });

  it('serves no file outside its folder', async () => {
    for (const path of [
      '/..%2f..%2fpackage.json',
      '/assets/..%2f..%2f..%2fcli/src/main.js',
      '/%2e%2e/%2e%2e/package.json',
    ]) {
      const answer = await fetch(api.url + path);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(await answer.text()).not.toContain('"unroll"');
    }
  });
});
