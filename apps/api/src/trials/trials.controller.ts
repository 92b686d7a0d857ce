import { Controller, Get, HttpCode, Param, Post, Query, StreamableFile } from '@nestjs/common';
import { ApiBearerAuth, ApiProduces, ApiTags } from '@nestjs/swagger';
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
import { Answers } from '../http/answers';
import { ContractPipe } from '../http/document';
import { TrialsService } from './trials.service';

@ApiTags('trials')
@ApiBearerAuth()
@Controller('v1/trials')
export class TrialsController {
  constructor(private readonly trials: TrialsService) {}

  @Get(':id')
  @Answers('Trial')
  show(@Param('id') id: string): Promise<TrialView> {
    return this.trials.show(id);
  }

  @Post(':id/retry')
  @HttpCode(200)
  @Answers('Trial', { problems: [401, 404, 409, 503] })
  retry(@Param('id') id: string): Promise<TrialView> {
    return this.trials.retry(id);
  }

  @Get(':id/metrics')
  @Answers('TrialMetrics')
  metrics(
    @Param('id') id: string,
    @Query(new ContractPipe(rest.metricsQuery)) query: MetricsQuery,
  ): Promise<{ trialId: string; series: MetricSeries[] }> {
    return this.trials.metrics(id, query);
  }

  @Get(':id/diagnostics')
  @Answers('TrialDiagnostics')
  diagnostics(@Param('id') id: string): Promise<DiagnosticsView> {
    return this.trials.diagnostics(id);
  }

  @Get(':id/samples')
  @Answers('Samples')
  samples(@Param('id') id: string): Promise<Samples> {
    return this.trials.samples(id);
  }

  @Get(':id/attempts')
  @Answers('Attempts')
  attempts(@Param('id') id: string): Promise<Page<AttemptView>> {
    return this.trials.attempts(id);
  }

  @Get(':id/checkpoint')
  @ApiProduces('application/octet-stream')
  checkpoint(@Param('id') id: string): Promise<StreamableFile> {
    return this.trials.checkpoint(id);
  }
}
