import { Controller, Headers, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiTags } from '@nestjs/swagger';
import { study, type SweepSpec, type SweepView, type TrialView } from '@unroll/contracts';
import type { Response } from 'express';
import { Admits } from '../access/access';
import { From, type Caller } from '../access/caller';
import { ApiShapeResponse } from '../http/api-shapes';
import { ContractPipe, Document } from '../http/document';
import { goneSignal } from '../http/gone-signal';
import { StudiesService } from './studies.service';

const problems = [400, 401, 403, 404, 409, 413, 415, 422, 503];

/** Ask and tell: a search whose trials are run by the caller, in any language. */
@ApiTags('studies')
@Controller('v1')
export class StudiesController {
  constructor(private readonly studies: StudiesService) {}

  @Post('studies')
  @Admits('submitter', 'study.create')
  @ApiBody({ schema: { $ref: '#/components/schemas/StudySpec' } })
  @ApiHeader({ name: 'Idempotency-Key', required: false, description: 'Repeating a request creates one study only.' })
  @ApiShapeResponse('Sweep', { status: 201, problems })
  create(
    @From() caller: Caller,
    @Document(new ContractPipe(study.studySpec)) spec: SweepSpec,
    @Headers('idempotency-key') key: string | undefined,
  ): Promise<SweepView> {
    return this.studies.create(caller, spec, key);
  }

  @Post('sweeps/:id/ask')
  @Admits('submitter', null)
  @HttpCode(200)
  @ApiBody({ schema: { $ref: '#/components/schemas/Ask' } })
  @ApiShapeResponse('Asked', { problems })
  ask(
    @From() caller: Caller,
    @Param('id') id: string,
    @Document(new ContractPipe(study.askBody)) body: study.AskBody,
    @Res({ passthrough: true }) response: Response,
  ): Promise<study.Asked> {
    return this.studies.ask(caller, id, body, goneSignal(response));
  }

  @Post('trials/:id/report')
  @Admits('submitter', null)
  @HttpCode(200)
  @ApiBody({ schema: { $ref: '#/components/schemas/Report' } })
  @ApiShapeResponse('Reported', { problems })
  report(
    @From() caller: Caller,
    @Param('id') id: string,
    @Document(new ContractPipe(study.reportBody)) body: study.ReportBody,
  ): Promise<study.Reported> {
    return this.studies.report(caller, id, body);
  }

  @Post('trials/:id/tell')
  @Admits('submitter', null)
  @HttpCode(200)
  @ApiBody({ schema: { $ref: '#/components/schemas/Tell' } })
  @ApiShapeResponse('Trial', { problems })
  tell(
    @From() caller: Caller,
    @Param('id') id: string,
    @Document(new ContractPipe(study.tellBody)) body: study.TellBody,
  ): Promise<TrialView> {
    return this.studies.tell(caller, id, body);
  }
}
