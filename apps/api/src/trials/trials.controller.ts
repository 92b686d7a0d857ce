import { Controller, Get, HttpCode, Param, Post, Query, Res, StreamableFile } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import {
  rest,
  type AttemptView,
  type DiagnosticsView,
  type MetricSeries,
  type MetricsQuery,
  type Page,
  type Samples,
  type TrialView,
} from '@unroll/contracts';
import type { Response } from 'express';
import { ApiShapeResponse } from '../http/api-shapes';
import { deprecate } from '../http/deprecate';
import { ContractPipe } from '../http/document';
import { TrialsService } from './trials.service';

@ApiTags('trials')
@ApiBearerAuth()
@Controller('v1/trials')
export class TrialsController {
  constructor(private readonly trials: TrialsService) {}

  @Get(':id')
  @ApiShapeResponse('Trial')
  show(@Param('id') id: string): Promise<TrialView> {
    return this.trials.show(id);
  }

  @Post(':id/retry')
  @HttpCode(200)
  @ApiShapeResponse('Trial', { problems: [401, 404, 409, 503] })
  retry(@Param('id') id: string): Promise<TrialView> {
    return this.trials.retry(id);
  }

  @Get(':id/metrics')
  @ApiShapeResponse('TrialMetrics')
  metrics(
    @Param('id') id: string,
    @Query(new ContractPipe(rest.metricsQuery)) query: MetricsQuery,
  ): Promise<{ trialId: string; series: MetricSeries[] }> {
    return this.trials.metrics(id, query);
  }

  @Get(':id/diagnostics')
  @ApiShapeResponse('TrialDiagnostics')
  diagnostics(@Param('id') id: string): Promise<DiagnosticsView> {
    return this.trials.diagnostics(id);
  }

  @Get(':id/samples')
  @ApiShapeResponse('Samples')
  samples(@Param('id') id: string): Promise<Samples> {
    return this.trials.samples(id);
  }

  @Get(':id/attempts')
  @ApiShapeResponse('Attempts')
  attempts(@Param('id') id: string): Promise<Page<AttemptView>> {
    return this.trials.attempts(id);
  }

  @Get(':id/model')
  @ApiProduces('application/octet-stream')
  model(@Param('id') id: string): Promise<StreamableFile> {
    return this.trials.model(id);
  }

  /** The name in version 0.1.0, served until 0.3.0. */
  @Get(':id/checkpoint')
  @ApiOperation({ deprecated: true, description: 'Old name of /v1/trials/{id}/model.' })
  @ApiProduces('application/octet-stream')
  checkpoint(@Param('id') id: string, @Res({ passthrough: true }) response: Response): Promise<StreamableFile> {
    deprecate(response, `/v1/trials/${encodeURIComponent(id)}/model`);
    return this.trials.model(id);
  }
}
