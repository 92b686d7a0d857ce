import { Controller, Get, Header } from '@nestjs/common';
import { ApiProduces, ApiTags } from '@nestjs/swagger';
import { Registry } from 'prom-client';
import { Admits } from '../access/access';

/** What a Prometheus server scrapes. It carries the key, as any client does (`authorization` in its configuration). */
@ApiTags('health')
@Controller('metrics')
export class MetricsController {
  constructor(private readonly registry: Registry) {}

  @Get()
  @Admits('viewer')
  @ApiProduces(Registry.PROMETHEUS_CONTENT_TYPE)
  @Header('content-type', Registry.PROMETHEUS_CONTENT_TYPE)
  metrics(): Promise<string> {
    return this.registry.metrics();
  }
}
