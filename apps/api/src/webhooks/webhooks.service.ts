import { HttpStatus, Inject, Injectable } from '@nestjs/common';
import {
  limits,
  ValidationError,
  type CreatedWebhook,
  type DeliveryView,
  type Page,
  type WebhookBody,
  type WebhookMessage,
  type WebhookView,
} from '@unroll/contracts';
import { Delivery, newId, Webhook } from '@unroll/database';
import type { BlockList } from 'node:net';
import { DataSource } from 'typeorm';
import type { Caller } from '../access/caller';
import { ProblemException } from '../http/problem';
import { webhookNetworks } from './deliverer';
import { newSecret } from './message';
import { AddressRefused, refuseAddress } from './public-address';

/** Newest deliveries in one answer. */
const shown = 100;

@Injectable()
export class WebhooksService {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(webhookNetworks) private readonly networks: BlockList,
  ) {}

  /** Newest first: there are few. */
  async list({ teamId }: Caller): Promise<Page<WebhookView>> {
    const rows = await this.dataSource.getRepository(Webhook).find({ where: { teamId }, order: { createdAt: 'DESC' } });
    return { items: rows.map(webhookView), nextCursor: null };
  }

  /** Its secret is in the answer only. @throws ValidationError for an address that is not public */
  async create({ teamId, member: author }: Caller, { url, kind, events }: WebhookBody): Promise<CreatedWebhook> {
    try {
      refuseAddress(new URL(url).hostname, this.networks);
    } catch (error) {
      if (error instanceof AddressRefused) throw new ValidationError([{ path: 'url', message: error.message }]);
      throw error;
    }
    const rows = this.dataSource.getRepository(Webhook);
    if ((await rows.countBy({ teamId })) >= limits.webhooks)
      throw new ProblemException(
        HttpStatus.CONFLICT,
        `a team has at most ${limits.webhooks} webhooks: delete some first`,
      );
    const [id, secret] = [newId(), newSecret()];
    await rows.insert({ id, teamId, url, kind, events, secret, author });
    return { ...webhookView(await rows.findOneByOrFail({ id })), secret };
  }

  async delete(caller: Caller, id: string): Promise<void> {
    const { id: found } = await this.find(caller, id);
    await this.dataSource.getRepository(Webhook).delete({ id: found });
  }

  /** Sends a message that says that it is a test. */
  async test(caller: Caller, id: string): Promise<DeliveryView> {
    const { id: webhookId } = await this.find(caller, id);
    const { teamId, member } = caller;
    const message: WebhookMessage = {
      type: 'test',
      timestamp: new Date().toISOString(),
      data: {
        sweepId: null,
        name: `a test of the team ${teamId}`,
        owner: member,
        state: 'test',
        message: null,
        best: null,
      },
    };
    const rows = this.dataSource.getRepository(Delivery);
    const { identifiers } = await rows.insert({ webhookId, message });
    return deliveryView(await rows.findOneByOrFail({ id: identifiers[0]!.id as string }));
  }

  async deliveries(caller: Caller, id: string): Promise<Page<DeliveryView>> {
    const { id: webhookId } = await this.find(caller, id);
    const rows = await this.dataSource
      .getRepository(Delivery)
      .find({ where: { webhookId }, order: { id: 'DESC' }, take: shown });
    return { items: rows.map(deliveryView), nextCursor: null };
  }

  private async find({ teamId }: Caller, id: string): Promise<Webhook> {
    const found = await this.dataSource.getRepository(Webhook).findOneBy({ teamId, id });
    if (!found)
      throw new ProblemException(
        HttpStatus.NOT_FOUND,
        `no webhook ${id.slice(0, 16)}: list them with unroll webhook list`,
      );
    return found;
  }
}

const webhookView = ({ id, url, kind, events, author, createdAt }: Webhook): WebhookView => ({
  ...{ id, kind, host: new URL(url).host, events, author, createdAt: createdAt.toISOString() },
});

function deliveryView(row: Delivery): DeliveryView {
  const { id, message, attempts, status, problem, createdAt, deliveredAt, nextAt } = row;
  return {
    ...{ id, message, attempts, status, problem },
    state: deliveredAt ? 'delivered' : nextAt ? 'pending' : 'failed',
    createdAt: createdAt.toISOString(),
    deliveredAt: deliveredAt?.toISOString() ?? null,
    nextAt: nextAt?.toISOString() ?? null,
  };
}
