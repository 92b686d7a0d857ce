import { Controller, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import {
  reports,
  type Page,
  type ReportBody,
  type ReportChange,
  type ReportsQuery,
  type ReportSummary,
  type TeamReport,
} from '@unroll/contracts';
import { Admits, OpensByLink } from '../access/access';
import { From, type Caller } from '../access/caller';
import { ApiShapeResponse } from '../http/api-shapes';
import { ContractPipe, Document } from '../http/document';
import { ReportsService } from './reports.service';

@ApiTags('reports')
@Controller('v1/reports')
export class ReportsController {
  constructor(private readonly reports: ReportsService) {}

  @Post()
  @Admits('submitter', 'report.create')
  @ApiBody({ schema: { $ref: '#/components/schemas/WriteReport' } })
  @ApiShapeResponse('TeamReport', { status: 201, problems: [400, 401, 403, 409, 413, 415, 422, 503] })
  create(
    @From() caller: Caller,
    @Document(new ContractPipe(reports.reportBody)) body: ReportBody,
  ): Promise<TeamReport> {
    return this.reports.create(caller, body);
  }

  @Get()
  @Admits('viewer')
  @ApiShapeResponse('TeamReportPage', { problems: [401, 422, 503] })
  list(
    @From() caller: Caller,
    @Query(new ContractPipe(reports.reportsQuery)) query: ReportsQuery,
  ): Promise<Page<ReportSummary>> {
    return this.reports.list(caller, query);
  }

  @Get(':id')
  @Admits('viewer')
  @OpensByLink('report')
  @ApiShapeResponse('TeamReport', { problems: [401, 404, 503] })
  show(@From() caller: Caller, @Param('id') id: string): Promise<TeamReport> {
    return this.reports.show(caller, id);
  }

  /** Changes a report, or archives it: every submitter of the team may. */
  @Patch(':id')
  @Admits('submitter', 'report.edit')
  @ApiBody({ schema: { $ref: '#/components/schemas/ChangeReport' } })
  @ApiShapeResponse('TeamReport', { problems: [400, 401, 403, 404, 409, 413, 415, 422, 503] })
  change(
    @From() caller: Caller,
    @Param('id') id: string,
    @Document(new ContractPipe(reports.reportChange)) change: ReportChange,
  ): Promise<TeamReport> {
    return this.reports.change(caller, id, change);
  }
}
