import { Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import { rest, words, type DiaryBody, type DiaryEntry, type Page, type PageQuery } from '@unroll/contracts';
import { Admits } from '../access/access';
import { From, type Caller } from '../access/caller';
import { ApiShapeResponse } from '../http/api-shapes';
import { ContractPipe, Document } from '../http/document';
import { DiaryService } from './diary.service';

const body = { schema: { $ref: '#/components/schemas/WriteDiary' } };
const problems = [400, 401, 403, 404, 413, 415, 422, 503];

@ApiTags('diary')
@Controller('v1/diary')
export class DiaryController {
  constructor(private readonly diary: DiaryService) {}

  @Post()
  @Admits('submitter', 'diary.write')
  @ApiBody(body)
  @ApiShapeResponse('DiaryEntry', { status: 201, problems: [400, 401, 403, 409, 413, 415, 422, 503] })
  write(@From() caller: Caller, @Document(new ContractPipe(words.diaryBody)) entry: DiaryBody): Promise<DiaryEntry> {
    return this.diary.write(caller, entry);
  }

  @Get()
  @Admits('viewer')
  @ApiShapeResponse('DiaryPage', { problems: [401, 422, 503] })
  list(@From() caller: Caller, @Query(new ContractPipe(rest.pageQuery)) query: PageQuery): Promise<Page<DiaryEntry>> {
    return this.diary.list(caller, query);
  }

  /** Changes an entry of one's own; by an admin, of anyone. */
  @Patch(':id')
  @Admits('submitter', 'diary.edit')
  @ApiBody(body)
  @ApiShapeResponse('DiaryEntry', { problems })
  edit(
    @From() caller: Caller,
    @Param('id') id: string,
    @Document(new ContractPipe(words.diaryBody)) entry: DiaryBody,
  ): Promise<DiaryEntry> {
    return this.diary.edit(caller, id, entry);
  }

  /** Deletes an entry of one's own; by an admin, of anyone. */
  @Delete(':id')
  @Admits('submitter', 'diary.delete')
  @HttpCode(204)
  remove(@From() caller: Caller, @Param('id') id: string): Promise<void> {
    return this.diary.remove(caller, id);
  }
}
