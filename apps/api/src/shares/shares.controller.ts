import { Controller, Get, Param, Patch } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import { shares, type ShareBody, type Shares, type ShareView, type WaitingView } from '@unroll/contracts';
import { Admits } from '../access/access';
import { From, type Caller } from '../access/caller';
import { ApiShapeResponse } from '../http/api-shapes';
import { ContractPipe, Document } from '../http/document';
import { SharesService } from './shares.service';

const body = new ContractPipe(shares.shareBody);
const shareBody = ApiBody({ schema: { $ref: '#/components/schemas/ChangeShare' } });
const problems = [400, 401, 403, 404, 413, 415, 422, 503];

@ApiTags('team')
@Controller('v1')
export class SharesController {
  constructor(private readonly shares: SharesService) {}

  /** Quotas and use of the team and its members, and why trials wait. */
  @Get('shares')
  @Admits('viewer')
  @ApiShapeResponse('Shares', { problems: [401, 503] })
  show(@From() caller: Caller): Promise<Shares> {
    return this.shares.show(caller);
  }

  @Get('sweeps/:id/waiting')
  @Admits('viewer')
  @ApiShapeResponse('Waiting')
  waiting(@From() caller: Caller, @Param('id') id: string): Promise<WaitingView> {
    return this.shares.waiting(caller, id);
  }

  @Patch('members/:name/share')
  @Admits('admin', 'member.quota')
  @shareBody
  @ApiShapeResponse('Share', { problems })
  changeMember(
    @From() caller: Caller,
    @Param('name') name: string,
    @Document(body) change: ShareBody,
  ): Promise<ShareView> {
    return this.shares.changeMember(caller, name, change);
  }

  @Patch('teams/:id/share')
  @Admits('operator', 'team.quota')
  @shareBody
  @ApiShapeResponse('Share', { problems })
  changeTeam(@Param('id') id: string, @Document(body) change: ShareBody): Promise<ShareView> {
    return this.shares.changeTeam(id, change);
  }
}
