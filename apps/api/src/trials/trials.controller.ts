import { Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Res, StreamableFile } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import {
  details,
  rest,
  words,
  type AttemptView,
  type DiagnosticsView,
  type MetricSeries,
  type MetricsQuery,
  type Page,
  type Review,
  type ReviewBody,
  type Samples,
  type TrialDetails,
  type TrialView,
} from '@unroll/contracts';
import type { Response } from 'express';
import { Admits, OpensByLink } from '../access/access';
import { From, type Caller } from '../access/caller';
import { ApiShapeResponse } from '../http/api-shapes';
import { deprecate } from '../http/deprecate';
import { ContractPipe, Document } from '../http/document';
import { PinsService } from '../boards/pins.service';
import { ReviewsService } from '../words/reviews.service';
import { TrialsService } from './trials.service';

@ApiTags('trials')
@Controller('v1/trials')
export class TrialsController {
  constructor(
    private readonly trials: TrialsService,
    private readonly reviews: ReviewsService,
    private readonly pins: PinsService,
  ) {}

  @Get(':id')
  @Admits('viewer')
  @OpensByLink('trial')
  @ApiShapeResponse('Trial')
  show(@From() caller: Caller, @Param('id') id: string): Promise<TrialView> {
    return this.trials.show(caller, id);
  }

  /** Changes its note or its tags. */
  @Patch(':id/details')
  @Admits('submitter', 'trial.describe')
  @ApiBody({ schema: { $ref: '#/components/schemas/TrialDetails' } })
  @ApiShapeResponse('Trial', { problems: [400, 401, 403, 404, 415, 422, 503] })
  describe(
    @From() caller: Caller,
    @Param('id') id: string,
    @Document(new ContractPipe(details.trialDetails)) body: TrialDetails,
  ): Promise<TrialView> {
    return this.trials.describe(caller, id, body);
  }

  /** Changes the note or the tags of its configuration, which all its seeds share. */
  @Patch(':id/configuration/details')
  @Admits('submitter', 'configuration.describe')
  @ApiBody({ schema: { $ref: '#/components/schemas/TrialDetails' } })
  @ApiShapeResponse('Trial', { problems: [400, 401, 403, 404, 415, 422, 503] })
  describeConfiguration(
    @From() caller: Caller,
    @Param('id') id: string,
    @Document(new ContractPipe(details.trialDetails)) body: TrialDetails,
  ): Promise<TrialView> {
    return this.trials.describeConfiguration(caller, id, body);
  }

  /** Reviews of the configuration of a trial, which all its seeds share. */
  @Get(':id/reviews')
  @Admits('viewer')
  @OpensByLink('trial')
  @ApiShapeResponse('ReviewPage')
  listReviews(@From() caller: Caller, @Param('id') id: string): Promise<Page<Review>> {
    return this.reviews.list(caller, id);
  }

  @Post(':id/reviews')
  @Admits('submitter', 'trial.review')
  @ApiBody({ schema: { $ref: '#/components/schemas/WriteReview' } })
  @ApiShapeResponse('Review', { status: 201, problems: [400, 401, 403, 404, 409, 413, 415, 422, 503] })
  review(
    @From() caller: Caller,
    @Param('id') id: string,
    @Document(new ContractPipe(words.reviewBody)) body: ReviewBody,
  ): Promise<Review> {
    return this.reviews.write(caller, id, body);
  }

  /** Makes its configuration the baseline of its board. */
  @Post(':id/pin')
  @Admits('submitter', 'trial.pin')
  @HttpCode(204)
  pin(@From() caller: Caller, @Param('id') id: string): Promise<void> {
    return this.pins.pin(caller, id);
  }

  @Delete(':id/pin')
  @Admits('submitter', 'trial.unpin')
  @HttpCode(204)
  unpin(@From() caller: Caller, @Param('id') id: string): Promise<void> {
    return this.pins.unpin(caller, id);
  }

  @Post(':id/retry')
  @Admits('submitter', 'trial.retry')
  @HttpCode(200)
  @ApiShapeResponse('Trial', { problems: [401, 404, 409, 503] })
  retry(@From() caller: Caller, @Param('id') id: string): Promise<TrialView> {
    return this.trials.retry(caller, id);
  }

  @Get(':id/metrics')
  @Admits('viewer')
  @OpensByLink('trial')
  @ApiShapeResponse('TrialMetrics')
  metrics(
    @From() caller: Caller,
    @Param('id') id: string,
    @Query(new ContractPipe(rest.metricsQuery)) query: MetricsQuery,
  ): Promise<{ trialId: string; series: MetricSeries[] }> {
    return this.trials.metrics(caller, id, query);
  }

  @Get(':id/diagnostics')
  @Admits('viewer')
  @OpensByLink('trial')
  @ApiShapeResponse('TrialDiagnostics')
  diagnostics(@From() caller: Caller, @Param('id') id: string): Promise<DiagnosticsView> {
    return this.trials.diagnostics(caller, id);
  }

  @Get(':id/samples')
  @Admits('viewer')
  @OpensByLink('trial')
  @ApiShapeResponse('Samples')
  samples(@From() caller: Caller, @Param('id') id: string): Promise<Samples> {
    return this.trials.samples(caller, id);
  }

  @Get(':id/attempts')
  @Admits('viewer')
  @OpensByLink('trial')
  @ApiShapeResponse('Attempts')
  attempts(@From() caller: Caller, @Param('id') id: string): Promise<Page<AttemptView>> {
    return this.trials.attempts(caller, id);
  }

  @Get(':id/model')
  @Admits('viewer')
  @ApiProduces('application/octet-stream')
  model(@From() caller: Caller, @Param('id') id: string): Promise<StreamableFile> {
    return this.trials.model(caller, id);
  }

  /** The name in version 0.1.0, served until 0.3.0. */
  @Get(':id/checkpoint')
  @Admits('viewer')
  @ApiOperation({ deprecated: true, description: 'Old name of /v1/trials/{id}/model.' })
  @ApiProduces('application/octet-stream')
  checkpoint(
    @From() caller: Caller,
    @Param('id') id: string,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StreamableFile> {
    deprecate(response, `/v1/trials/${encodeURIComponent(id)}/model`);
    return this.trials.model(caller, id);
  }
}
