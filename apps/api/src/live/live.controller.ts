import { Controller, Get, Headers, Param, Query, Res } from '@nestjs/common';
import { ApiHeader, ApiProduces, ApiTags } from '@nestjs/swagger';
import { live, type EventsQuery } from '@unroll/contracts';
import type { Response } from 'express';
import { Admits } from '../access/access';
import { From, type Caller } from '../access/caller';
import { ApiShapeQuery } from '../http/api-shapes';
import { ContractPipe } from '../http/document';
import { LiveService } from './live.service';

const query = new ContractPipe(live.eventsQuery);
const lastEventId = { name: 'Last-Event-ID', required: false, description: 'Id of the last event received.' };

@ApiTags('live')
@Controller('v1')
export class LiveController {
  constructor(private readonly live: LiveService) {}

  @Get('events')
  @Admits('viewer')
  @ApiProduces('text/event-stream')
  @ApiHeader(lastEventId)
  @ApiShapeQuery(live.eventsQuery)
  all(
    @From() caller: Caller,
    @Query(query) { after }: EventsQuery,
    @Headers('last-event-id') last: string | undefined,
    @Res() response: Response,
  ): Promise<void> {
    return this.live.open(caller, response, last === undefined ? after : query.transform({ after: last }).after);
  }

  @Get('sweeps/:id/events')
  @Admits('viewer')
  @ApiProduces('text/event-stream')
  @ApiHeader(lastEventId)
  @ApiShapeQuery(live.eventsQuery)
  ofSweep(
    @From() caller: Caller,
    @Param('id') id: string,
    @Query(query) { after }: EventsQuery,
    @Headers('last-event-id') last: string | undefined,
    @Res() response: Response,
  ): Promise<void> {
    return this.live.open(caller, response, last === undefined ? after : query.transform({ after: last }).after, id);
  }
}
