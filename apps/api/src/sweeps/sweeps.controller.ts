import { Controller, Delete, Get, Headers, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiQuery, ApiTags } from '@nestjs/swagger';
import {
  rest,
  details,
  sweepSpec,
  sweepsQuery,
  type ConfirmBody,
  type EditBody,
  type ExtendBody,
  type Front,
  type Page,
  type PageQuery,
  type Replay,
  type Rungs,
  type SubmitQuery,
  type SweepDetails,
  type SweepPage,
  type SweepPlan,
  type SweepsQuery,
  type SweepSpec,
  type SweepView,
  type TrialsQuery,
  type TrialView,
} from '@unroll/contracts';
import { Tracing } from '@unroll/tracing';
import type { Response } from 'express';
import { Admits, OpensByLink } from '../access/access';
import { From, type Caller } from '../access/caller';
import { ApiShapeQuery, ApiShapeResponse } from '../http/api-shapes';
import { ContractPipe, Document, documentTypes } from '../http/document';
import { TrialsService } from '../trials/trials.service';
import { ConfirmService } from './confirm.service';
import { SubmissionsService } from './submissions.service';
import { SweepChangesService } from './sweep-changes.service';
import { SweepsService } from './sweeps.service';

const paged = new ContractPipe(rest.pageQuery);

@ApiTags('sweeps')
@Controller('v1/sweeps')
export class SweepsController {
  constructor(
    private readonly sweeps: SweepsService,
    private readonly submissions: SubmissionsService,
    private readonly changes: SweepChangesService,
    private readonly trials: TrialsService,
    private readonly confirmations: ConfirmService,
    private readonly tracing: Tracing,
  ) {}

  @Post()
  @Admits('submitter', 'sweep.submit')
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
  @ApiQuery({
    name: 'clonedFrom',
    required: false,
    type: String,
    description: 'The sweep this one was cloned from, by its id or a unique prefix.',
  })
  @ApiShapeResponse('Sweep', { status: 201, problems: [400, 401, 404, 409, 413, 415, 422, 503] })
  async submit(
    @From() caller: Caller,
    @Document(new ContractPipe(sweepSpec)) spec: SweepSpec,
    @Query(new ContractPipe(rest.submitQuery)) { dryRun, priority, clonedFrom }: SubmitQuery,
    @Headers('idempotency-key') key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SweepView | SweepPlan> {
    if (dryRun) {
      response.status(200);
      return this.submissions.plan(caller, spec, clonedFrom);
    }
    const from = Date.now();
    const sweep = await this.submissions.submit(caller, spec, key, {
      route: 'POST /v1/sweeps',
      body: spec,
      note: '',
      priority,
      clonedFrom,
    });
    this.tracing.submitted({ sweepId: sweep.id, from, to: Date.now(), attributes: { 'unroll.trials': sweep.total } });
    return sweep;
  }

  @Get()
  @Admits('viewer')
  @ApiShapeResponse('SweepPage')
  @ApiShapeQuery(sweepsQuery)
  list(@From() caller: Caller, @Query(new ContractPipe(sweepsQuery)) query: SweepsQuery): Promise<SweepPage> {
    return this.sweeps.list(caller, query);
  }

  @Get(':id')
  @Admits('viewer')
  @OpensByLink('sweep')
  @ApiShapeResponse('Sweep')
  show(@From() caller: Caller, @Param('id') id: string): Promise<SweepView> {
    return this.sweeps.show(caller, id);
  }

  @Patch(':id')
  @Admits('submitter', 'sweep.edit')
  @ApiBody({ schema: { $ref: '#/components/schemas/Edit' }, description: documentTypes.slice(0, 2).join(' or ') })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: 'Repeating a request with the same key and body edits once only.',
  })
  @ApiShapeResponse('Sweep', { problems: [400, 401, 404, 409, 413, 415, 422, 503] })
  edit(
    @From() caller: Caller,
    @Param('id') id: string,
    @Document(new ContractPipe(rest.editBody)) changes: EditBody,
    @Headers('idempotency-key') key: string | undefined,
  ): Promise<SweepView> {
    return this.changes.edit(caller, id, changes, key);
  }

  /** Changes its name, note or tags, or archives it: what people say about it, not what it searches. */
  @Patch(':id/details')
  @Admits('submitter', 'sweep.describe')
  @ApiBody({ schema: { $ref: '#/components/schemas/SweepDetails' } })
  @ApiShapeResponse('Sweep', { problems: [400, 401, 403, 404, 415, 422, 503] })
  describe(
    @From() caller: Caller,
    @Param('id') id: string,
    @Document(new ContractPipe(details.sweepDetails)) body: SweepDetails,
  ): Promise<SweepView> {
    return this.sweeps.describe(caller, id, body);
  }

  @Post(':id/cancel')
  @Admits('submitter', 'sweep.cancel')
  @HttpCode(200)
  @ApiShapeResponse('Sweep', { problems: [401, 404, 409, 503] })
  cancel(@From() caller: Caller, @Param('id') id: string): Promise<SweepView> {
    return this.sweeps.cancel(caller, id);
  }

  @Post(':id/pause')
  @Admits('submitter', 'sweep.pause')
  @HttpCode(200)
  @ApiShapeResponse('Sweep', { problems: [401, 404, 409, 503] })
  pause(@From() caller: Caller, @Param('id') id: string): Promise<SweepView> {
    return this.sweeps.pause(caller, id);
  }

  @Post(':id/resume')
  @Admits('submitter', 'sweep.resume')
  @HttpCode(200)
  @ApiShapeResponse('Sweep', { problems: [401, 404, 409, 503] })
  resume(@From() caller: Caller, @Param('id') id: string): Promise<SweepView> {
    return this.sweeps.resume(caller, id);
  }

  @Post(':id/extend')
  @Admits('submitter', 'sweep.extend')
  @HttpCode(200)
  @ApiBody({ schema: { $ref: '#/components/schemas/Extend' } })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: 'Repeating a request with the same key and body extends once only.',
  })
  @ApiShapeResponse('Sweep', { problems: [400, 401, 404, 409, 413, 415, 422, 503] })
  extend(
    @From() caller: Caller,
    @Param('id') id: string,
    @Document(new ContractPipe(rest.extendBody)) body: ExtendBody,
    @Headers('idempotency-key') key: string | undefined,
  ): Promise<SweepView> {
    return this.changes.extend(caller, id, body, key);
  }

  /** Submits a sweep that trains the best configurations again with new seeds, to see how good they are. */
  @Post(':id/confirm')
  @Admits('submitter', 'sweep.confirm')
  @ApiBody({ schema: { $ref: '#/components/schemas/Confirm' } })
  @ApiHeader({ name: 'Idempotency-Key', required: false, description: 'Repeating a request creates one sweep only.' })
  @ApiShapeResponse('Sweep', { status: 201, problems: [400, 401, 403, 404, 409, 415, 422, 503] })
  confirm(
    @From() caller: Caller,
    @Param('id') id: string,
    @Document(new ContractPipe(rest.confirmBody)) body: ConfirmBody,
    @Headers('idempotency-key') key: string | undefined,
  ): Promise<SweepView> {
    return this.confirmations.confirm(caller, id, body, key);
  }

  @Delete(':id')
  @Admits('submitter', 'sweep.delete')
  @HttpCode(204)
  remove(@From() caller: Caller, @Param('id') id: string): Promise<void> {
    return this.sweeps.remove(caller, id);
  }

  @Get(':id/trials')
  @Admits('viewer')
  @OpensByLink('sweep')
  @ApiShapeResponse('TrialPage')
  trialsOf(
    @From() caller: Caller,
    @Param('id') id: string,
    @Query(new ContractPipe(rest.trialsQuery)) query: TrialsQuery,
  ): Promise<Page<TrialView>> {
    return this.trials.ofSweep(caller, id, query);
  }

  @Get(':id/front')
  @Admits('viewer')
  @OpensByLink('sweep')
  @ApiShapeResponse('Front')
  front(@From() caller: Caller, @Param('id') id: string, @Query(paged) query: PageQuery): Promise<Front> {
    return this.sweeps.front(caller, id, query);
  }

  @Get(':id/rungs')
  @Admits('viewer')
  @OpensByLink('sweep')
  @ApiShapeResponse('Rungs')
  rungs(@From() caller: Caller, @Param('id') id: string): Promise<Rungs> {
    return this.sweeps.rungs(caller, id);
  }

  @Get(':id/replay')
  @Admits('viewer')
  @ApiShapeResponse('Replay')
  replay(@From() caller: Caller, @Param('id') id: string): Promise<Replay> {
    return this.sweeps.replay(caller, id);
  }
}
