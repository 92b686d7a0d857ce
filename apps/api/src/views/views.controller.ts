import { Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import { boards, rest, type Page, type PageQuery, type SavedView, type ViewBody } from '@unroll/contracts';
import { Admits } from '../access/access';
import { From, type Caller } from '../access/caller';
import { ApiShapeResponse } from '../http/api-shapes';
import { ContractPipe, Document } from '../http/document';
import { ViewsService } from './views.service';

@ApiTags('views')
@Controller('v1/views')
export class ViewsController {
  constructor(private readonly views: ViewsService) {}

  @Post()
  @Admits('submitter', 'view.save')
  @ApiBody({ schema: { $ref: '#/components/schemas/SaveView' } })
  @ApiShapeResponse('SavedView', { status: 201, problems: [400, 401, 409, 413, 415, 422, 503] })
  save(@From() caller: Caller, @Document(new ContractPipe(boards.viewBody)) body: ViewBody): Promise<SavedView> {
    return this.views.save(caller, body);
  }

  @Get()
  @Admits('viewer')
  @ApiShapeResponse('SavedViewPage', { problems: [401, 422, 503] })
  list(@From() caller: Caller, @Query(new ContractPipe(rest.pageQuery)) query: PageQuery): Promise<Page<SavedView>> {
    return this.views.list(caller, query);
  }

  @Get(':id')
  @Admits('viewer')
  @ApiShapeResponse('SavedView')
  show(@From() caller: Caller, @Param('id') id: string): Promise<SavedView> {
    return this.views.show(caller, id);
  }

  @Delete(':id')
  @Admits('submitter', 'view.delete')
  @HttpCode(204)
  remove(@From() caller: Caller, @Param('id') id: string): Promise<void> {
    return this.views.remove(caller, id);
  }
}
