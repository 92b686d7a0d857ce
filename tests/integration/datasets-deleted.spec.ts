import { datasetArtifactName } from '@unroll/artifacts';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openTemporaryFolder } from '../../apps/api/src/datasets/temporary-folder';
import { uploadDataset, useApi } from '../support/api';
import { useDatabase } from '../support/database';
import { temporaryFolder } from '../support/servers.cjs';
import { letters } from '../support/sweeps';

const folder = temporaryFolder();
const artifacts = join(folder, 'artifacts');
const dataSource = useDatabase({ clear: true });
const api = useApi(dataSource, () => ({ ARTIFACTS_URL: pathToFileURL(artifacts).href }));

const text = (word: string): string => `${word} `.repeat(200);

async function upload(name: string, content: string): Promise<{ status: number; fingerprint: string }> {
  const response = await uploadDataset(api, name, 'text', content);
  return { status: response.status, fingerprint: ((await response.json()) as any).fingerprint };
}

const stored = (fingerprint: string): boolean =>
  readdirSync(artifacts, { recursive: true }).some(
    (path) => datasetArtifactName(fingerprint).endsWith(String(path)) || String(path).endsWith(fingerprint),
  );

async function remove(name: string): Promise<[number, string | undefined]> {
  const response = await api.call(`/v1/datasets/${name}`, { method: 'DELETE' });
  return [response.status, response.status === 204 ? undefined : ((await response.json()) as any).detail];
}

describe('a data set', () => {
  it('is deleted with its content, unless another has the same', async () => {
    const { fingerprint } = await upload('one', text('one'));
    await upload('same', text('one'));
    expect(await remove('one')).toEqual([204, undefined]);
    expect([(await api.call('/v1/datasets/one')).status, stored(fingerprint)]).toEqual([404, true]);
    expect(await remove('same')).toEqual([204, undefined]);
    expect(stored(fingerprint)).toBe(false);
    expect(await remove('same')).toEqual([404, 'no data set same']);
    expect(await remove('parity')).toEqual([409, 'parity is built in: it takes no space']);
  });

  it('is kept while a sweep that has not ended uses it', async () => {
    await upload('used', text('used'));
    const { id } = (await (await api.post('/v1/sweeps', { ...letters, dataset: 'used' })).json()) as any;
    expect(await remove('used')).toEqual([
      409,
      `used is used by sweep ${id}, which is running: cancel it, or wait for its end`,
    ]);
    await api.post(`/v1/sweeps/${id}/cancel`, {});
    expect(await remove('used')).toEqual([204, undefined]);
    const refused = await api.post('/v1/sweeps', { ...letters, dataset: 'used' });
    expect([refused.status, ((await refused.json()) as any).detail]).toEqual([
      422,
      expect.stringContaining('no data set used'),
    ]);
  });

  it('that is refused leaves nothing in the store', async () => {
    await upload('mine', text('mine'));
    const before = readdirSync(artifacts, { recursive: true, encoding: 'utf8' });
    expect((await upload('mine', text('other'))).status).toBe(409);
    // What earlier tests have deleted may be collected meanwhile.
    const after = readdirSync(artifacts, { recursive: true, encoding: 'utf8' });
    expect(after.filter((path) => !before.includes(path))).toEqual([]);
  });
});

it('temporary files are removed at the next start if their process was killed', () => {
  const data = temporaryFolder();
  const [dead, elsewhere] = [`${hostname()}.999999999`, 'another-machine.7'];
  for (const name of [dead, elsewhere]) {
    mkdirSync(join(data, 'temporary', name), { recursive: true });
    writeFileSync(join(data, 'temporary', name, 'half'), 'half');
  }
  const own = openTemporaryFolder(data);
  expect(readdirSync(join(data, 'temporary')).sort()).toEqual([elsewhere, `${hostname()}.${process.pid}`].sort());
  expect(readdirSync(own)).toEqual([]);
});

describe('an upload for which there is no space', () => {
  const small = useApi(dataSource, () => ({ UNROLL_DATASETS_GB: '0.0005' }));
  const send = async (content: string): Promise<[number, string]> => {
    const response = await uploadDataset(small, `data-${content.length}`, 'text', content);
    return [response.status, ((await response.json()) as any).detail];
  };

  it('is refused with what to do, until something is deleted', async () => {
    expect((await send(text('one').repeat(300)))[0]).toBe(201);
    expect(await send(text('two').repeat(350))).toEqual([
      507,
      'the data sets have 0.2 MB of at most 0.5 MB: delete some with unroll dataset delete, or raise UNROLL_DATASETS_GB',
    ]);
    await small.call('/v1/datasets/data-240000', { method: 'DELETE' });
    expect((await send(text('two').repeat(350)))[0]).toBe(201);
  });

  it('is refused on a connection that then serves the next request, however late its body arrives', async () => {
    const [head, body] = [
      `POST /v1/datasets HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${small.key}\r\n`,
      'x'.repeat(600_000),
    ];
    const connection = connect(Number(new URL(small.url).port), '127.0.0.1').setEncoding('utf8');
    const answered = (count: number): Promise<string> =>
      new Promise((resolve, reject) => {
        let answers = '';
        connection.on('data', (text: string) => {
          answers += text;
          if (answers.split('HTTP/1.1 ').length > count) resolve(answers);
        });
        connection.once('error', reject);
        connection.once('close', () => reject(new Error(`closed after ${answers}`)));
      });
    const refused = answered(1);
    connection.write(`${head}Content-Type: multipart/form-data; boundary=x\r\nContent-Length: ${body.length}\r\n\r\n`);
    expect(await refused).toContain('HTTP/1.1 507');
    // As late as a client on a busy machine sends what it has begun.
    await new Promise((resolve) => setTimeout(resolve, 300));
    const next = answered(1);
    connection.write(`${body}GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    expect(await next).toContain('HTTP/1.1 200');
    connection.destroy();
  });

  it('because it announces more than any may have, is refused before it is read', async () => {
    const headers = { 'content-type': 'multipart/form-data; boundary=x', authorization: `Bearer ${small.key}` };
    const announce = (more: Record<string, string>): Promise<number> =>
      new Promise((resolve, reject) => {
        const sending = request(`${small.url}/v1/datasets`, { method: 'POST', headers: { ...headers, ...more } });
        sending.on('response', (response) => {
          resolve(response.statusCode!);
          sending.destroy();
        });
        sending.on('error', reject);
        sending.write('--x');
      });
    expect(await announce({ 'content-length': '20000000000' })).toBe(413);
    expect(await announce({ 'content-length': '600000' })).toBe(507);
    expect(await announce({ 'transfer-encoding': 'chunked' })).toBe(411);
  });
});
