import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { createGzip } from 'node:zlib';
import { uploadDataset, useApi } from '../support/api';
import { temporaryFolder } from '../support/servers.cjs';
import { useDatabase } from '../support/database';
import { archiveOf, folderOf, recordings, encodeWav } from '../support/recordings';

const folder = temporaryFolder();
const dataSource = useDatabase();
const api = useApi(dataSource);

async function upload(name: string, kind: string, content: Buffer): Promise<{ status: number; said: any }> {
  const response = await uploadDataset(api, name, kind, content);
  return { status: response.status, said: await response.json() };
}

/** Packs files into an archive. */
async function packed(name: string, files: Record<string, string | Buffer>, gzip = false): Promise<Buffer> {
  return readFileSync(await archiveOf(folderOf(folder, name, files), Object.keys(files), gzip));
}

const halfOf = (content: Buffer): Buffer => content.subarray(0, Math.floor(content.length / 2));

describe('an archive', () => {
  it.each([false, true])('of recordings is registered, compressed or not (%s)', async (gzip) => {
    const name = gzip ? 'compressed' : 'plain';
    const content = await packed(name, recordings(2), gzip);
    expect(await upload(name, 'audio', content)).toMatchObject({ status: 201, said: { kind: 'audio', name } });
    const response = await api.call(`/v1/datasets/${name}/content`);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(content);
  });

  it('of labelled texts is registered', async () => {
    const texts = await packed('texts', { 'good.txt': 'fine\nnice\n', 'bad.txt': 'poor\nmean\n' }, true);
    expect(await upload('texts', 'labelled', texts)).toMatchObject({ status: 201 });
  });

  it.each<[string, string, () => Promise<Buffer>, string]>([
    [
      'a truncated recording',
      'audio',
      () => packed('cut', { 'a_1.wav': encodeWav('a'), 'a_2.wav': encodeWav('a').subarray(0, 300) }),
      'a_2.wav: the WAV file is cut short (300 of 1324 bytes): fetch it again, or leave it out',
    ],
    [
      'a recording that is not a WAV file',
      'audio',
      () => packed('none', { 'a_1.wav': 'not a sound', 'a_2.wav': encodeWav('a') }),
      'a_1.wav: is not a WAV file',
    ],
    [
      'no recordings',
      'audio',
      () => packed('silent', { 'read.me': 'nothing' }),
      'the data set has 0 WAV files: give at least two',
    ],
    ['a truncated archive', 'audio', async () => halfOf(await packed('half', recordings(1))), 'the archive is damaged'],
    [
      'a truncated compressed archive',
      'audio',
      async () => halfOf(await packed('halfgz', recordings(1), true)),
      'damaged',
    ],
    [
      'a recording by itself',
      'audio',
      () => Promise.resolve(encodeWav('a')),
      'must be a .tar or .tar.gz archive of WAV files',
    ],
    [
      'a text that is not UTF-8 in an archive',
      'labelled',
      () => packed('latin', { 'good.txt': Buffer.of(0xe9, 0x20) }),
      'good.txt: the text is not valid UTF-8',
    ],
    [
      'an archive where a text is expected',
      'text',
      () => packed('wrong', { 'a_1.wav': encodeWav('a') }, true),
      'is not valid UTF-8',
    ],
  ])('is refused with one line: %s', async (_, kind, content, message) => {
    const { status, said } = await upload('refused', kind, await content());
    expect(status).toBe(422);
    expect(said.detail).toContain(message);
    expect(said.detail).not.toContain('\n');
    expect((await api.call('/v1/datasets/refused')).status).toBe(404);
  });
});

describe('a sweep over recordings', () => {
  const submit = async (changes: object): Promise<any> =>
    (await api.post('/v1/sweeps?dryRun=true', { dataset: 'plain', model: { hiddenSize: 8 }, ...changes })).json();

  it.each(['classification', 'transcription'])('can train for %s', async (task) => {
    expect(await submit({ task })).toMatchObject({ configurations: 1 });
  });

  it.each([
    [{ task: 'tagging' }, 'tagging requires data of kind labelled, but plain is audio'],
    [{ task: 'tree-classification' }, 'tree-classification requires data of kind labelled, but plain is audio'],
    [{ task: 'transcription', dataset: 'typescript-declarations' }, 'transcription requires data of kind audio'],
    [
      { task: 'regression', dataset: { name: 'adding-problem', split: { group: 2 } } },
      'dataset.split.group: is for data of the kind audio, but adding-problem is labelled; leave it out',
    ],
  ])('refuses %j', async (changes, message) => {
    const { status, detail } = await submit(changes);
    expect(status).toBe(422);
    expect(detail).toContain(message);
  });
});

describe('an upload that is small but large once it is unpacked', () => {
  /** A gzip file of zeros, as many megabytes as given, after a beginning. */
  async function zeros(megabytes: number, beginning: Uint8Array = Buffer.alloc(0)): Promise<Buffer> {
    const block = Buffer.alloc(2 ** 20);
    const content = Readable.from(
      (function* () {
        if (beginning.length > 0) yield beginning;
        for (let index = 0; index < megabytes; index += 1) yield block;
      })(),
    );
    return buffer(content.pipe(createGzip()));
  }

  /** A header of a tar archive for one file. */
  function tarHeader(name: string, megabytes: number): Buffer {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write('0000644\0', 100);
    header.write(`${(megabytes * 2 ** 20).toString(8).padStart(11, '0')}\0`, 124);
    header.write('        0', 148);
    header.write('ustar\x0000', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return header;
  }

  it.each([
    [
      'an archive of one text',
      'labelled',
      async () => zeros(300, tarHeader('a.txt', 300)),
      'a.txt: has 314572800 bytes, more than 268435456: ',
    ],
    [
      'an archive of one recording',
      'audio',
      async () => zeros(300, tarHeader('a.wav', 300)),
      'a.wav: has 314572800 bytes, more than 268435456: ',
    ],
    [
      'a compressed text',
      'labelled',
      async () => zeros(300),
      'has more than 268435456 bytes uncompressed: use a part of it',
    ],
  ])('is refused as %s, in little memory, and nothing is kept', async (_, kind, content, message) => {
    const uploaded = await content();
    expect(uploaded.length).toBeLessThan(2 ** 20);
    const before = process.memoryUsage.rss();
    let most = before;
    const watch = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 10);
    const answers = await Promise.all(['one', 'two', 'three'].map((name) => upload(name, kind, uploaded)));
    clearInterval(watch);
    for (const { status, said } of answers)
      expect([status, said.detail]).toEqual([422, expect.stringContaining(message)]);
    // Less than one of the three unpacked. The process is Jest's too: what it frees between collections varies by 100 MB.
    expect(most - before).toBeLessThan(300e6);
    expect(
      ((await (await api.call('/v1/datasets')).json()) as any).items.filter(({ builtIn }: any) => !builtIn),
    ).not.toContainEqual(expect.objectContaining({ name: 'one' }));
  });
});
