import { Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiTags } from '@nestjs/swagger';
import { boards, rest, type Page, type PageQuery, type SavedView, type ViewBody } from '@unroll/contracts';
import { ApiShapeResponse } from '../http/api-shapes';
import { ContractPipe, Document } from '../http/document';
import { ViewsService } from './views.service';

@ApiTags('views')
@ApiBearerAuth()
@Controller('v1/views')
export class ViewsController {
  constructor(private readonly views: ViewsService) {}

  @Post()
  @ApiBody({ schema: { $ref: '#/components/schemas/SaveView' } })
  @ApiShapeResponse('SavedView', { status: 201, problems: [400, 401, 409, 413, 415, 422, 503] })
  save(@Document(new ContractPipe(boards.viewBody)) body: ViewBody): Promise<SavedView> {
    return this.views.save(body);
  }

  @Get()
  @ApiShapeResponse('SavedViewPage', { problems: [401, 422, 503] })
  list(@Query(new ContractPipe(rest.pageQuery)) query: PageQuery): Promise<Page<SavedView>> {
    return this.views.list(query);
  }

  @Get(':id')
  @ApiShapeResponse('SavedView')
  show(@Param('id') id: string): Promise<SavedView> {
    return this.views.show(id);
  }

  @Delete(':id')
  @HttpCode(204)
  remove(@Param('id') id: string): Promise<void> {
    return this.views.remove(id);
  }
}
