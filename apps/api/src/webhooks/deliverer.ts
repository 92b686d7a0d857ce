import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { endAttempt, takeDeliveries, type Attempted, type DueDelivery } from '@unroll/database';
import type { BlockList } from 'node:net';
import { DataSource } from 'typeorm';
import { Rounds } from '../scheduler/rounds';
import { bodyOf, signedHeaders } from './message';
import { AddressRefused } from './public-address';
import { post } from './send';

/** Networks beside the public ones to which webhooks may be sent. */
export const webhookNetworks = Symbol('WebhookNetworks');
/** The address at which browsers reach the API; null if it is not known. */
export const publicAddress = Symbol('PublicAddress');

/** Milliseconds between two looks for deliveries that are due, and how many are sent at a time. */
const interval = 1000;
const atOnce = 10;
/** Attempts of a delivery; seconds until the second, four times as many until each further one, at most six hours. */
const mostAttempts = 8;
const firstPause = 10;
const longestPause = 6 * 3600;

/** Seconds until the next attempt after so many; undefined if there is none. */
export const pauseAfter = (attempts: number): number | undefined =>
  attempts >= mostAttempts ? undefined : Math.min(longestPause, firstPause * 4 ** (attempts - 1));

/** Sends what is due to webhooks. Every API does; a delivery is taken by one of them at a time. */
@Injectable()
export class Deliverer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(Deliverer.name);
  private readonly rounds = new Rounds(
    () => this.look(),
    (error) => this.logger.warn({ error: String(error) }, 'could not read deliveries; retrying'),
  );

  constructor(
    private readonly dataSource: DataSource,
    @Inject(webhookNetworks) private readonly networks: BlockList,
    @Inject(publicAddress) private readonly publicUrl: string | null,
  ) {}

  onApplicationBootstrap(): void {
    this.rounds.wake();
  }

  /** Sends what is due. Returns the milliseconds until the next look. */
  private async look(): Promise<number> {
    return (await this.sendDue()) === atOnce ? 0 : interval;
  }

  /** Returns how many were sent. */
  private async sendDue(): Promise<number> {
    const due = await takeDeliveries(this.dataSource, atOnce);
    await Promise.all(due.map(async (each) => endAttempt(this.dataSource, each.id, await this.send(each))));
    return due.length;
  }

  private async send({ id, attempts, message, url, kind, secret }: DueDelivery): Promise<Attempted> {
    const body = bodyOf(kind, message, this.publicUrl ?? undefined);
    const seconds = Math.floor(Date.now() / 1000);
    const headers = kind === 'json' ? signedHeaders(secret, { id: `delivery_${id}`, seconds, body }) : {};
    const again = pauseAfter(attempts);
    try {
      const status = await post(new URL(url), body, headers, this.networks);
      if (status >= 200 && status < 300) return { delivered: true, status, problem: null, again: undefined };
      return { delivered: false, status, problem: `the receiver answered with status ${status}`, again };
    } catch (error) {
      if (error instanceof AddressRefused)
        return { delivered: false, status: null, problem: error.message, again: undefined };
      const { code, message: reason } = Object(error) as { code?: string; message?: string };
      return { delivered: false, status: null, problem: `the receiver cannot be reached (${code ?? reason})`, again };
    }
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.rounds.stop();
  }
}
