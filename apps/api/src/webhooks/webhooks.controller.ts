import { Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import {
  webhooks,
  type CreatedWebhook,
  type DeliveryView,
  type Page,
  type WebhookBody,
  type WebhookView,
} from '@unroll/contracts';
import { Admits } from '../access/access';
import { From, type Caller } from '../access/caller';
import { ApiShapeResponse } from '../http/api-shapes';
import { ContractPipe, Document } from '../http/document';
import { WebhooksService } from './webhooks.service';

@ApiTags('webhooks')
@Controller('v1/webhooks')
export class WebhooksController {
  constructor(private readonly webhooks: WebhooksService) {}

  @Get()
  @Admits('admin')
  @ApiShapeResponse('WebhookPage', { problems: [401, 403, 503] })
  list(@From() caller: Caller): Promise<Page<WebhookView>> {
    return this.webhooks.list(caller);
  }

  @Post()
  @Admits('admin', 'webhook.create')
  @ApiBody({ schema: { $ref: '#/components/schemas/CreateWebhook' } })
  @ApiShapeResponse('CreatedWebhook', { status: 201, problems: [400, 401, 403, 409, 413, 415, 422, 503] })
  create(
    @From() caller: Caller,
    @Document(new ContractPipe(webhooks.webhookBody)) body: WebhookBody,
  ): Promise<CreatedWebhook> {
    return this.webhooks.create(caller, body);
  }

  @Delete(':id')
  @HttpCode(204)
  @Admits('admin', 'webhook.delete')
  delete(@From() caller: Caller, @Param('id') id: string): Promise<void> {
    return this.webhooks.delete(caller, id);
  }

  @Post(':id/test')
  @HttpCode(200)
  @Admits('admin', 'webhook.test')
  @ApiShapeResponse('Delivery')
  test(@From() caller: Caller, @Param('id') id: string): Promise<DeliveryView> {
    return this.webhooks.test(caller, id);
  }

  @Get(':id/deliveries')
  @Admits('admin')
  @ApiShapeResponse('DeliveryPage')
  deliveries(@From() caller: Caller, @Param('id') id: string): Promise<Page<DeliveryView>> {
    return this.webhooks.deliveries(caller, id);
  }
}
