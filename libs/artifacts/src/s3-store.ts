import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  paginateListObjectsV2,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { Readable } from 'node:stream';
import { ArtifactMissing, requireArtifactName, unfinishedAge, type ArtifactStore } from './artifact-store';

/** Parses ARTIFACTS_URL: s3://bucket/prefix?endpoint=https://host:9000&region=eu-central-1 */
function parseLocation(url: URL): { bucket: string; prefix: string; endpoint: string | undefined; region: string } {
  const folder = decodeURIComponent(url.pathname).replaceAll(/^\/+|\/+$/g, '');
  return {
    bucket: url.hostname,
    prefix: folder ? `${folder}/` : '',
    endpoint: url.searchParams.get('endpoint') ?? undefined,
    region: url.searchParams.get('region') ?? process.env.AWS_REGION ?? 'us-east-1',
  };
}

/** Milliseconds that a server has to accept a connection, and that a connection may be idle. */
const connectTimeout = 5000;
const idleTimeout = 30_000;

const httpStatus = (error: unknown): number | undefined =>
  error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;

/**
 * Artifacts as objects of a bucket. S3 writes are atomic; the first writer of a name wins by a conditional write, if the server supports
 * it. Credentials come from the default AWS chain: the environment, a profile, or the machine.
 */
export class S3Store implements ArtifactStore {
  private readonly client: S3Client;
  private readonly bucket: string;
  private readonly prefix: string;

  /** `timeout`: milliseconds without data after which a request fails. */
  constructor(url: URL, timeout = idleTimeout) {
    const { bucket, prefix, endpoint, region } = parseLocation(url);
    this.bucket = bucket;
    this.prefix = prefix;
    this.client = new S3Client({
      region,
      ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
      // Servers other than AWS may not support the newer checksums; our formats have their own.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      // Without a timeout, a hanging server would block a worker's slot, and hold the leases of its trials, forever.
      requestHandler: { connectionTimeout: connectTimeout, socketTimeout: timeout },
    });
  }

  async put(name: string, content: Readable | Uint8Array): Promise<number> {
    const existing = await this.size(name);
    if (existing !== undefined) return existing;
    const upload = new Upload({
      client: this.client,
      params: { ...this.location(name), Body: content, IfNoneMatch: '*' },
    });
    try {
      await upload.done();
    } catch (error) {
      // Another writer was first: its object is kept.
      if (![409, 412].includes(httpStatus(error) ?? 0)) throw error;
    }
    return (await this.size(name)) ?? 0;
  }

  async get(name: string): Promise<Readable> {
    try {
      const { Body } = await this.client.send(new GetObjectCommand(this.location(name)));
      return Body as Readable;
    } catch (error) {
      throw httpStatus(error) === 404 ? new ArtifactMissing(name) : error;
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
    await this.client.send(new DeleteObjectCommand(this.location(name)));
  }

  /** The parts of multipart uploads, which no list of objects shows. */
  async removeUnfinished(): Promise<number> {
    const { bucket: Bucket, prefix: Prefix } = this;
    let [markers, removed] = [{}, 0];
    for (;;) {
      const page = await this.client.send(new ListMultipartUploadsCommand({ Bucket, Prefix, ...markers }));
      const old = (page.Uploads ?? []).filter(({ Initiated }) => Initiated!.getTime() < Date.now() - unfinishedAge);
      for (const { Key, UploadId } of old)
        await this.client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
      removed += old.length;
      if (!page.IsTruncated) return removed;
      markers = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
    }
  }

  /** Size of an object in bytes; undefined if there is none. */
  private async size(name: string): Promise<number | undefined> {
    try {
      const { ContentLength } = await this.client.send(new HeadObjectCommand(this.location(name)));
      return ContentLength ?? 0;
    } catch (error) {
      if (httpStatus(error) === 404) return undefined;
      throw error;
    }
  }

  private location(name: string): { Bucket: string; Key: string } {
    requireArtifactName(name);
    return { Bucket: this.bucket, Key: `${this.prefix}${name}` };
  }
}
