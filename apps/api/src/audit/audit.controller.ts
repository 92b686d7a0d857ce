import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { access, type AuditEntryView, type AuditQuery, type Page } from '@unroll/contracts';
import { Admits } from '../access/access';
import { From, type Caller } from '../access/caller';
import { ApiShapeQuery, ApiShapeResponse } from '../http/api-shapes';
import { ContractPipe } from '../http/document';
import { AuditService } from './audit.service';

@ApiTags('team')
@Controller('v1/audit')
export class AuditController {
  constructor(private readonly audit: AuditService) {}

  /** What the members of the team have changed, newest first. */
  @Get()
  @Admits('viewer')
  @ApiShapeQuery(access.auditQuery)
  @ApiShapeResponse('AuditPage', { problems: [401, 422, 503] })
  list(
    @From() caller: Caller,
    @Query(new ContractPipe(access.auditQuery)) query: AuditQuery,
  ): Promise<Page<AuditEntryView>> {
    return this.audit.list(caller, query);
  }
}
