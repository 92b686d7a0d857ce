import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { ConfigError, isLoopback } from '@unroll/config';
import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { workerSettings, type WorkerSettings } from './settings';
import { WorkerMetrics } from './worker-metrics';

const hash = (text: string): Buffer => createHash('sha256').update(text).digest();

/**
 * Answers `GET /healthz`, and `GET /metrics` for those who carry the key where one is set. A worker has no other routes; without
 * UNROLL_METRICS_PORT it listens on nothing.
 */
@Injectable()
export class MetricsServer implements BeforeApplicationShutdown {
  private server: Server | undefined;

  constructor(
    @Inject(workerSettings) private readonly settings: WorkerSettings,
    @Inject(WorkerMetrics) private readonly metrics: WorkerMetrics,
  ) {}

  /**
   * Returns the port that it listens on; undefined for none.
   * @throws ConfigError if other machines could read the metrics without a key
   */
  async start(): Promise<number | undefined> {
    const { port, host, key } = this.settings.metrics;
    if (port === undefined) return undefined;
    if (key === undefined && !isLoopback(host))
      throw new ConfigError(
        `UNROLL_KEY: is missing; anyone who can reach ${host} could read the metrics: give the fleet's key`,
      );
    this.metrics.start();
    this.server = createServer((request, response) => void this.answer(request, response));
    this.server.listen(port, host);
    await once(this.server, 'listening');
    return (this.server.address() as AddressInfo).port;
  }

  private async answer({ method, url, headers }: IncomingMessage, response: ServerResponse): Promise<void> {
    const { key } = this.settings.metrics;
    const say = (status: number, text: string, type = 'text/plain'): void =>
      void response.writeHead(status, { 'content-type': type }).end(text);
    if (method !== 'GET') return say(405, 'only GET\n');
    if (url === '/healthz') return say(200, 'ok\n');
    if (url !== '/metrics') return say(404, 'a worker has /healthz and /metrics\n');
    if (key !== undefined && !timingSafeEqual(hash(headers.authorization ?? ''), hash(`Bearer ${key}`)))
      return say(401, 'Prometheus must carry the key: authorization: Bearer ...\n');
    try {
      say(200, await this.metrics.registry.metrics(), this.metrics.registry.contentType);
    } catch {
      say(500, 'the metrics could not be read\n');
    }
  }

  beforeApplicationShutdown(): void {
    this.metrics.stop();
    this.server?.close();
    this.server?.closeAllConnections();
  }
}
