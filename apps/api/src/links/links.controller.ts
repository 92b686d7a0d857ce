import { Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import { links, type CreatedLink, type LinkBody, type LinkView, type Page } from '@unroll/contracts';
import { Admits } from '../access/access';
import { From, type Caller } from '../access/caller';
import { ApiShapeResponse } from '../http/api-shapes';
import { ContractPipe, Document } from '../http/document';
import { LinksService } from './links.service';

@ApiTags('team')
@Controller('v1/links')
export class LinksController {
  constructor(private readonly links: LinksService) {}

  @Get()
  @Admits('viewer')
  @ApiShapeResponse('LinkPage', { problems: [401, 503] })
  list(@From() caller: Caller): Promise<Page<LinkView>> {
    return this.links.list(caller);
  }

  @Post()
  @Admits('submitter', 'link.create')
  @ApiBody({ schema: { $ref: '#/components/schemas/CreateLink' } })
  @ApiShapeResponse('CreatedLink', { status: 201, problems: [400, 401, 403, 404, 409, 413, 415, 422, 503] })
  create(@From() caller: Caller, @Document(new ContractPipe(links.linkBody)) body: LinkBody): Promise<CreatedLink> {
    return this.links.create(caller, body);
  }

  @Delete(':id')
  @HttpCode(204)
  @Admits('submitter', 'link.revoke')
  revoke(@From() caller: Caller, @Param('id') id: string): Promise<void> {
    return this.links.revoke(caller, id);
  }
}
