import { Controller, Delete, Get, Headers, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiHeader, ApiQuery, ApiTags } from '@nestjs/swagger';
import {
  rest,
  sweepSpec,
  type EditBody,
  type ExtendBody,
  type Front,
  type Page,
  type PageQuery,
  type Replay,
  type Rungs,
  type SubmitQuery,
  type SweepPlan,
  type SweepSpec,
  type SweepView,
  type TrialsQuery,
  type TrialView,
} from '@unroll/contracts';
import type { Response } from 'express';
import { ApiShapeResponse } from '../http/api-shapes';
import { ContractPipe, Document, documentTypes } from '../http/document';
import { TrialsService } from '../trials/trials.service';
import { SweepsService } from './sweeps.service';

const paged = new ContractPipe(rest.pageQuery);

@ApiTags('sweeps')
@ApiBearerAuth()
@Controller('v1/sweeps')
export class SweepsController {
  constructor(
    private readonly sweeps: SweepsService,
    private readonly trials: TrialsService,
  ) {}

  @Post()
  @ApiBody({ schema: { $ref: '#/components/schemas/SweepSpec' }, description: documentTypes.slice(0, 2).join(' or ') })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: 'Repeating a request with the same key and body creates one sweep only. Kept for 24 hours.',
  })
  @ApiQuery({
    name: 'dryRun',
    required: false,
    type: Boolean,
    description: 'Validate and plan the sweep; create nothing.',
  })
  @ApiShapeResponse('Sweep', { status: 201, problems: [400, 401, 409, 413, 415, 422, 503] })
  async submit(
    @Document(new ContractPipe(sweepSpec)) spec: SweepSpec,
    @Query(new ContractPipe(rest.submitQuery)) { dryRun }: SubmitQuery,
    @Headers('idempotency-key') key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SweepView | SweepPlan> {
    if (dryRun) response.status(200);
    return dryRun ? this.sweeps.plan(spec) : this.sweeps.submit(spec, key);
  }

  @Get()
  @ApiShapeResponse('SweepPage')
  list(@Query(paged) query: PageQuery): Promise<Page<SweepView>> {
    return this.sweeps.list(query);
  }

  @Get(':id')
  @ApiShapeResponse('Sweep')
  show(@Param('id') id: string): Promise<SweepView> {
    return this.sweeps.show(id);
  }

  @Patch(':id')
  @ApiBody({ schema: { $ref: '#/components/schemas/Edit' }, description: documentTypes.slice(0, 2).join(' or ') })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: 'Repeating a request with the same key and body edits once only.',
  })
  @ApiShapeResponse('Sweep', { problems: [400, 401, 404, 409, 413, 415, 422, 503] })
  edit(
    @Param('id') id: string,
    @Document(new ContractPipe(rest.editBody)) changes: EditBody,
    @Headers('idempotency-key') key: string | undefined,
  ): Promise<SweepView> {
    return this.sweeps.edit(id, changes, key);
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @ApiShapeResponse('Sweep', { problems: [401, 404, 409, 503] })
  cancel(@Param('id') id: string): Promise<SweepView> {
    return this.sweeps.cancel(id);
  }

  @Post(':id/pause')
  @HttpCode(200)
  @ApiShapeResponse('Sweep', { problems: [401, 404, 409, 503] })
  pause(@Param('id') id: string): Promise<SweepView> {
    return this.sweeps.pause(id);
  }

  @Post(':id/resume')
  @HttpCode(200)
  @ApiShapeResponse('Sweep', { problems: [401, 404, 409, 503] })
  resume(@Param('id') id: string): Promise<SweepView> {
    return this.sweeps.resume(id);
  }

  @Post(':id/extend')
  @HttpCode(200)
  @ApiBody({ schema: { $ref: '#/components/schemas/Extend' } })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: 'Repeating a request with the same key and body extends once only.',
  })
  @ApiShapeResponse('Sweep', { problems: [400, 401, 404, 409, 413, 415, 422, 503] })
  extend(
    @Param('id') id: string,
    @Document(new ContractPipe(rest.extendBody)) body: ExtendBody,
    @Headers('idempotency-key') key: string | undefined,
  ): Promise<SweepView> {
    return this.sweeps.extend(id, body, key);
  }

  @Delete(':id')
  @HttpCode(204)
  remove(@Param('id') id: string): Promise<void> {
    return this.sweeps.remove(id);
  }

  @Get(':id/trials')
  @ApiShapeResponse('TrialPage')
  trialsOf(
    @Param('id') id: string,
    @Query(new ContractPipe(rest.trialsQuery)) query: TrialsQuery,
  ): Promise<Page<TrialView>> {
    return this.trials.ofSweep(id, query);
  }

  @Get(':id/front')
  @ApiShapeResponse('Front')
  front(@Param('id') id: string, @Query(paged) query: PageQuery): Promise<Front> {
    return this.sweeps.front(id, query);
  }

  @Get(':id/rungs')
  @ApiShapeResponse('Rungs')
  rungs(@Param('id') id: string): Promise<Rungs> {
    return this.sweeps.rungs(id);
  }

  @Get(':id/replay')
  @ApiShapeResponse('Replay')
  replay(@Param('id') id: string): Promise<Replay> {
    return this.sweeps.replay(id);
  }
}
