import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  paginateListObjectsV2,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { Readable } from 'node:stream';
import { ArtifactMissing, requireArtifactName, type ArtifactStore } from './artifact-store';

/** Where a bucket is, as ARTIFACTS_URL says it: s3://bucket/prefix?endpoint=https://host:9000&region=eu-central-1 */
function placeOf(url: URL): { bucket: string; prefix: string; endpoint: string | undefined; region: string } {
  const folder = decodeURIComponent(url.pathname).replaceAll(/^\/+|\/+$/g, '');
  return {
    bucket: url.hostname,
    prefix: folder ? `${folder}/` : '',
    endpoint: url.searchParams.get('endpoint') ?? undefined,
    region: url.searchParams.get('region') ?? process.env.AWS_REGION ?? 'us-east-1',
  };
}

/** Milliseconds that a server has to accept a connection, and that it may say nothing on one. */
const connecting = 5000;
const longestSilence = 30_000;

const statusOf = (error: unknown): number | undefined =>
  error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;

/**
 * Artifacts as objects of a bucket. S3 shows an object whole or not at all; the first writer of a name wins by a condition on the write,
 * where the server knows it. Credentials come as to every AWS program: from the environment, a profile, or the machine.
 */
export class S3Store implements ArtifactStore {
  private readonly client: S3Client;
  private readonly bucket: string;
  private readonly prefix: string;

  /** `silence`: milliseconds after which a server that says nothing is given up. */
  constructor(url: URL, silence = longestSilence) {
    const { bucket, prefix, endpoint, region } = placeOf(url);
    this.bucket = bucket;
    this.prefix = prefix;
    this.client = new S3Client({
      region,
      ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
      // Servers other than AWS need not know the newer checksums; what matters carries its own.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      // Without a limit a server that hangs would hold a worker's slot, and the leases of what waits for it, for good.
      requestHandler: { connectionTimeout: connecting, socketTimeout: silence },
    });
  }

  async put(name: string, content: Readable | Uint8Array): Promise<number> {
    const there = await this.size(name);
    if (there !== undefined) return there;
    const upload = new Upload({
      client: this.client,
      params: { ...this.place(name), Body: content, IfNoneMatch: '*' },
    });
    try {
      await upload.done();
    } catch (error) {
      // Another writer was first: its object stands.
      if (![409, 412].includes(statusOf(error) ?? 0)) throw error;
    }
    return (await this.size(name)) ?? 0;
  }

  async get(name: string): Promise<Readable> {
    try {
      const { Body } = await this.client.send(new GetObjectCommand(this.place(name)));
      return Body as Readable;
    } catch (error) {
      throw statusOf(error) === 404 ? new ArtifactMissing(name) : error;
    }
  }

  async exists(name: string): Promise<boolean> {
    return (await this.size(name)) !== undefined;
  }

  async list(prefix: string): Promise<string[]> {
    requireArtifactName(prefix);
    const wanted = { Bucket: this.bucket, Prefix: `${this.prefix}${prefix}/` };
    const names: string[] = [];
    for await (const { Contents = [] } of paginateListObjectsV2({ client: this.client }, wanted))
      names.push(...Contents.map(({ Key }) => Key!.slice(this.prefix.length)));
    return names.sort();
  }

  async remove(name: string): Promise<void> {
    await this.client.send(new DeleteObjectCommand(this.place(name)));
  }

  /** Bytes of an object; undefined where there is none. */
  private async size(name: string): Promise<number | undefined> {
    try {
      const { ContentLength } = await this.client.send(new HeadObjectCommand(this.place(name)));
      return ContentLength ?? 0;
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw error;
    }
  }

  private place(name: string): { Bucket: string; Key: string } {
    requireArtifactName(name);
    return { Bucket: this.bucket, Key: `${this.prefix}${name}` };
  }
}
