import { Controller, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { generation, type GenerateBody } from '@unroll/contracts';
import type { Response } from 'express';
import { Admits } from '../access/access';
import { From, type Caller } from '../access/caller';
import { ContractPipe, Document } from '../http/document';
import { PromptsService } from './prompts.service';

@ApiTags('trials')
@Controller('v1/trials')
export class PromptsController {
  constructor(private readonly prompts: PromptsService) {}

  /** Has the trial's model write a text. It runs on a worker; nothing is changed, and nothing is kept. */
  @Post(':id/generate')
  @Admits('submitter', null)
  @HttpCode(200)
  @ApiBody({ schema: { $ref: '#/components/schemas/Generate' } })
  @ApiOkResponse()
  generate(
    @From() caller: Caller,
    @Param('id') id: string,
    @Document(new ContractPipe(generation.generateBody)) body: GenerateBody,
    @Res() response: Response,
  ): Promise<void> {
    return this.prompts.answer(caller, id, body, response);
  }
}
