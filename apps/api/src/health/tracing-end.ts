import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Tracing } from '@unroll/tracing';

/** Sends the last spans before the process exits. */
@Injectable()
export class TracingEnd implements OnApplicationShutdown {
  constructor(private readonly tracing: Tracing) {}

  onApplicationShutdown(): Promise<void> {
    return this.tracing.close();
  }
}
