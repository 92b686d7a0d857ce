import { once } from 'node:events';
import fs from 'node:fs';
import promises, { mkdtemp, readdir, rm, rmdir, utimes, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import S3rver from 's3rver';
import { ArtifactMissing, modelName, datasetArtifactName, openArtifacts, parseAttemptId, type ArtifactStore } from '.';
import { S3Store } from './s3-store';

interface Opened {
  store: ArtifactStore;
  close(): Promise<void>;
}

/** Each implementation, opened empty. */
const stores: Record<string, () => Promise<Opened>> = {
  async 'on a disk'() {
    const folder = await mkdtemp(join(tmpdir(), 'unroll artifacts '));
    return { store: openArtifacts(pathToFileURL(folder).href), close: () => rm(folder, { recursive: true }) };
  },
  async 'in S3'() {
    const folder = await mkdtemp(join(tmpdir(), 'unroll-s3-'));
    const configureBuckets = [{ name: 'unroll', configs: [] }];
    const server = new S3rver({ port: 0, address: '127.0.0.1', silent: true, directory: folder, configureBuckets });
    const { port } = await server.run();
    process.env.AWS_ACCESS_KEY_ID = 'S3RVER';
    process.env.AWS_SECRET_ACCESS_KEY = 'S3RVER';
    const store = openArtifacts(`s3://unroll/some/folder?endpoint=http://127.0.0.1:${port}&region=here`);
    const close = async () => {
      await server.close();
      await rm(folder, { recursive: true });
    };
    return { store, close };
  },
};

const bytes = (content: string): Uint8Array => new TextEncoder().encode(content);

describe.each(Object.entries(stores))('an artifact store %s', (_, open) => {
  let store: ArtifactStore;
  let close: () => Promise<void>;

  beforeEach(async () => {
    ({ store, close } = await open());
  });
  afterEach(() => close());

  it('returns what was put, from bytes or from a stream', async () => {
    const content = Buffer.alloc(300_000, 'xyz');
    expect(await store.put('a/bytes', content)).toBe(300_000);
    expect(await store.put('a/stream', Readable.from([content.subarray(0, 5), content.subarray(5)]))).toBe(300_000);
    expect((await buffer(await store.get('a/bytes'))).equals(content)).toBe(true);
    expect((await buffer(await store.get('a/stream'))).equals(content)).toBe(true);
    expect(await store.put('empty', bytes(''))).toBe(0);
    expect(await text(await store.get('empty'))).toBe('');
  });

  it('keeps the first object of a name, and returns its size', async () => {
    await store.put('a', bytes('first'));
    expect(await store.put('a', bytes('the second'))).toBe(5);
    expect(await text(await store.get('a'))).toBe('first');
  });

  it('keeps one complete object if many writers put the same name at once', async () => {
    const contents = Array.from({ length: 10 }, (_, index) => String(index).repeat(50_000));
    await Promise.all(contents.map((content) => store.put('race', Readable.from([bytes(content)]))));
    expect(contents).toContain(await text(await store.get('race')));
    expect(await store.list('race')).toEqual([]);
  });

  it('shows no object while it is being written, nor after the write failed', async () => {
    let seen: boolean | undefined;
    const failing = Readable.from(
      (async function* () {
        yield bytes('half');
        seen = await store.exists('a/b');
        throw new Error('the network broke');
      })(),
    );
    await expect(store.put('a/b', failing)).rejects.toThrow('the network broke');
    expect(seen).toBe(false);
    expect(await store.exists('a/b')).toBe(false);
    expect(await store.list('a')).toEqual([]);
    await store.put('a/b', bytes('whole'));
    expect(await text(await store.get('a/b'))).toBe('whole');
  });

  it('names the missing artifact', async () => {
    await expect(store.get('a/b')).rejects.toThrow(new ArtifactMissing('a/b'));
    expect(await store.exists('a/b')).toBe(false);
  });

  it('does not treat a folder as an object', async () => {
    await store.put('a/b', bytes('x'));
    expect(await store.exists('a')).toBe(false);
    await expect(store.get('a')).rejects.toThrow(ArtifactMissing);
  });

  it('lists the names below a prefix, at any depth, sorted', async () => {
    for (const name of ['t/2/b', 't/10', 't/2/a', 'other/x']) await store.put(name, bytes(name));
    expect(await store.list('t')).toEqual(['t/10', 't/2/a', 't/2/b']);
    expect(await store.list('t/2')).toEqual(['t/2/a', 't/2/b']);
    expect(await store.list('none')).toEqual([]);
    expect(await store.list('t/10')).toEqual([]);
  });

  it('removes an object; a missing one is no error', async () => {
    await store.put('a/b', bytes('x'));
    await store.remove('a/b');
    await store.remove('a/b');
    expect(await store.exists('a/b')).toBe(false);
    await store.put('a/b', bytes('new'));
    expect(await text(await store.get('a/b'))).toBe('new');
  });

  it.each([
    '../a',
    'a/../../b',
    '/etc/passwd',
    'a//b',
    'a/',
    '',
    '.',
    '.hidden',
    'a\\b',
    'a\0b',
    'a b',
    'a/.b',
    'a..b',
    'a\n',
    'C:x',
  ])('refuses the name %j', async (name) => {
    await expect(store.put(name, bytes('x'))).rejects.toThrow(RangeError);
    await expect(store.get(name)).rejects.toThrow(RangeError);
    await expect(store.exists(name)).rejects.toThrow(RangeError);
    await expect(store.list(name)).rejects.toThrow(RangeError);
    await expect(store.remove(name)).rejects.toThrow(RangeError);
  });

  it('accepts the names of models and data sets', async () => {
    for (const name of [modelName('q7k2m9xa', 'b8', 300), datasetArtifactName('0f'.repeat(32))]) {
      await store.put(name, bytes('x'));
      expect(await store.exists(name)).toBe(true);
    }
    expect(await store.list('models/q7k2m9xa')).toEqual(['models/q7k2m9xa/b8-300.safetensors']);
  });
});

describe('the attempt that wrote an artifact', () => {
  it.each([
    ['models/q7k2m9xa/b8-300.safetensors', 'b8'],
    ['models/q7k2m9xa/b8/300.safetensors', 'b8'],
    ['checkpoints/q7k2m9xa/b8/300.state', 'b8'],
    ['datasets/0f0f', undefined],
  ])('is in the name %s, in the layout of earlier versions too: %s', (name, attempt) => {
    expect(parseAttemptId(name)).toBe(attempt);
  });
});

describe('an artifact store on a disk', () => {
  it('leaves no drafts behind, and does not list those of a writer that crashed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'unroll-artifacts-'));
    const store = openArtifacts(pathToFileURL(folder).href);
    await store.put('a/b', bytes('x'));
    await store.put('a/b', bytes('y'));
    expect(await readdir(join(folder, 'a'))).toEqual(['b']);
    await writeFile(join(folder, 'a', '.3f.draft'), 'half');
    expect(await store.list('a')).toEqual(['a/b']);
    await rm(folder, { recursive: true });
  });

  it('makes a folder again that was removed, empty, before a draft was in it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'unroll-artifacts-'));
    const store = openArtifacts(pathToFileURL(folder).href);
    const { openSync } = fs;
    const openedAtOnce = jest.spyOn(fs, 'openSync').mockImplementationOnce((...given) => {
      fs.rmdirSync(join(folder, 'a'));
      return openSync(...given);
    });
    expect(await store.put('a/b', bytes('x'))).toBe(1);
    const { open } = promises;
    const opened = jest.spyOn(promises, 'open').mockImplementationOnce(async (...given) => {
      await rmdir(join(folder, 'c'));
      return open(...given);
    });
    expect(await store.put('c/d', Readable.from([bytes('x')]))).toBe(1);
    for (const { mock } of [opened, openedAtOnce])
      expect(mock.calls.filter(([path]) => String(path).endsWith('.draft'))).toHaveLength(2);
    opened.mockRestore();
    openedAtOnce.mockRestore();
    expect(await store.list('a')).toEqual(['a/b']);
    expect(await store.list('c')).toEqual(['c/d']);
    await rm(folder, { recursive: true });
  });
});

describe('unfinished writes that are older than a day', () => {
  it('are removed from a disk, with folders that have become empty', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'unroll-artifacts-'));
    const store = openArtifacts(pathToFileURL(folder).href);
    const names = ['ended/one/8.state', 'named/two/8.state', 'fresh/three/8.state'];
    for (const name of names) await store.put(name, bytes('x'));
    await store.remove(names[0]!);
    await writeFile(join(folder, 'named', '.old.draft'), 'half');
    await writeFile(join(folder, 'fresh', '.new.draft'), 'half');
    const old = new Date(Date.now() - 25 * 3600 * 1000);
    for (const path of ['named/.old.draft', 'ended/one', 'ended', 'named']) await utimes(join(folder, path), old, old);
    expect(await store.removeUnfinished()).toBe(2);
    expect(await readdir(join(folder, 'named'))).toEqual(['two']);
    expect(await readdir(join(folder, 'fresh'))).toEqual(['.new.draft', 'three']);
    expect(await store.list('named')).toEqual([names[1]]);
    // Its parent has just changed.
    expect(await readdir(join(folder, 'ended'))).toEqual([]);
    await rm(folder, { recursive: true });
  });
});

describe('an artifact store in S3', () => {
  let server: Server;
  let store: S3Store;
  let answer: RequestListener;

  beforeAll(async () => {
    server = createServer((request, response) => answer(request, response)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    process.env.AWS_ACCESS_KEY_ID = process.env.AWS_SECRET_ACCESS_KEY = 'anyone';
    store = new S3Store(new URL(`s3://unroll?endpoint=http://127.0.0.1:${port}`), 100);
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it('fails after a timeout if the server does not answer', async () => {
    answer = () => undefined;
    await expect(store.get('a')).rejects.toThrow(/timed out/i);
  });

  it('fails after a timeout if the server stalls in the middle of an object', async () => {
    answer = (_, response) => void response.writeHead(200, { 'content-length': '10' }).write('half');
    await expect(text(await store.get('a'))).rejects.toThrow();
  });

  it('aborts multipart uploads that began more than a day ago', async () => {
    const asked: string[] = [];
    const upload = (key: string, hours: number): string =>
      `<Upload><Key>${key}</Key><UploadId>${key}-id</UploadId><Initiated>${new Date(Date.now() - hours * 3600_000).toISOString()}</Initiated></Upload>`;
    answer = ({ method, url }, response) => {
      asked.push(`${method} ${url!.split('?')[0]}`);
      const uploads = `<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>${upload('old', 30)}${upload('new', 1)}</ListMultipartUploadsResult>`;
      if (method === 'GET') response.writeHead(200, { 'content-type': 'application/xml' }).end(uploads);
      else response.writeHead(204).end();
    };
    expect(await store.removeUnfinished()).toBe(1);
    expect(asked).toEqual(['GET /unroll/', 'DELETE /unroll/old']);
  });
});
