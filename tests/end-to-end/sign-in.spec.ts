import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { chromiumPath, openBrowser, visit, type Visit } from '../support/browser';
import { commandEnvironment } from '../support/cli';
import { useDatabase } from '../support/database';
import { describeWith } from '../support/machine';
import { freePort, temporaryFolder } from '../support/servers.cjs';

const dataSource = useDatabase();

describeWith('chromium', chromiumPath !== undefined)('signing in at an OpenID provider', () => {
  const operatorKey = 'the-key-of-an-operator-1';
  const children: ChildProcess[] = [];
  let [url, browser]: [string, Browser | undefined] = ['', undefined];
  let log = '';

  beforeAll(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const provider = fork(
      join(__dirname, '..', 'support', 'openid-provider.mjs'),
      [`${url}/v1/sign-in/callback`, '0'],
      { env: commandEnvironment({}), stdio: ['ignore', 'pipe', 'ignore', 'ipc'] },
    );
    children.push(provider);
    const [issuer] = (await once(provider.stdout!, 'data')) as [Buffer];
    const api = fork(join(__dirname, '..', '..', 'dist', 'apps', 'api', 'src', 'main.js'), {
      env: commandEnvironment({
        ...{ DATABASE_URL: dataSource.url, UNROLL_PORT: String(port), UNROLL_DATA: temporaryFolder() },
        ...{ UNROLL_KEY: operatorKey, UNROLL_PUBLIC_URL: `${url}/`, UNROLL_LOG_LEVEL: 'debug' },
        ...{
          OIDC_ISSUER: issuer.toString().trim(),
          OIDC_CLIENT_ID: 'unroll',
          OIDC_CLIENT_SECRET: 'a-secret-for-tests',
        },
      }),
      stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
    });
    api.stdout!.on('data', (bytes: Buffer) => (log += bytes.toString()));
    children.push(api);
    await once(api, 'message');
    browser = await openBrowser();
    const headers = { authorization: `Bearer ${operatorKey}`, 'content-type': 'application/json' };
    for (const name of ['Ada', 'Unverified'])
      await fetch(`${url}/v1/members`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ name, role: 'viewer', email: `${name}@Example.org` }),
      });
  });
  dataSource.closing.push(async () => {
    await browser?.close();
    await Promise.all(children.map((child) => (child.kill('SIGTERM'), once(child, 'exit'))));
  });

  /** Signs in at the provider's own pages, from the dashboard and back. */
  async function signIn(login: string): Promise<Visit> {
    const opened = await visit(browser!);
    const { page } = opened;
    await page.goto(url);
    await page.getByRole('link', { name: 'Sign in with your account' }).click();
    await page.locator('input[name=login]').fill(login);
    await page.locator('input[name=password]').fill('any');
    await page.locator('button[type=submit]').click();
    await page.getByRole('button', { name: 'Continue' }).click();
    return opened;
  }

  it('gives the member with the verified address a key that expires, and says so in the audit', async () => {
    const { page, context } = await signIn('ada');
    await page.getByRole('heading', { level: 1, name: 'Sweeps' }).waitFor();
    expect(page.url()).toBe(`${url}/sweeps`);
    await page.getByRole('link', { name: 'Team', exact: true }).click();
    await page.getByText('You are Ada; your role is viewer.').waitFor();
    const [key] = await dataSource.query(
      `select api_keys.name, api_keys.role, extract(epoch from expires_at - api_keys.created_at) / 3600 as hours
       from api_keys join members on members.id = member_id where members.name = 'Ada'`,
    );
    expect(key).toMatchObject({ name: 'browser', role: 'viewer' });
    expect(Number(key.hours)).toBeCloseTo(12, 1);
    const [entry] = await dataSource.query(
      `select member, key_name, action, done from audit where action = 'member.signin'`,
    );
    expect(entry).toEqual({ member: 'Ada', key_name: 'browser', action: 'member.signin', done: true });
    expect((await context.cookies()).filter(({ name }) => name.startsWith('unroll'))).toEqual([]);
    await context.close();
  });

  it('leaves neither the key nor what the browser kept on its way in the log', () => {
    expect(log).toContain('/v1/sign-in/callback');
    expect(log).not.toMatch(/unroll_[\w-]{43}|unroll_sign_in=\w/);
  });

  it.each([
    ['nobody', 'No team has a member with nobody@example.org: ask an admin to add you.'],
    ['unverified', 'No team has a member with your account: ask an admin to add you.'],
  ])('refuses %s, and says why', async (login, reason) => {
    const { page, context } = await signIn(login);
    await page.getByText(reason).waitFor();
    expect(page.url()).toBe(`${url}/`);
    await context.close();
  });

  it('refuses an address that was given to another account since, and a way back that nobody began', async () => {
    await dataSource.query(`update members set subject = 'another account' where name = 'Ada'`);
    const { page, context } = await signIn('ada');
    await page.getByText('No team has a member with ada@example.org').waitFor();
    await context.close();
    expect((await fetch(`${url}/v1/sign-in/callback?code=x&state=y`)).status).toBe(400);
    const cookie = Buffer.from(JSON.stringify({ state: 'a', nonce: 'b', verifier: 'c' })).toString('base64url');
    const forged = await fetch(`${url}/v1/sign-in/callback?code=x&state=y`, {
      headers: { cookie: `unroll_sign_in=${cookie}` },
      redirect: 'manual',
    });
    expect(forged.headers.get('location')).toMatch(/^\/#refused=The\+sign-in\+was\+not\+completed/);
  });
});
