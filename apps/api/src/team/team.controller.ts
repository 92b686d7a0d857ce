import { Controller, Delete, Get, HttpCode, Param, Patch, Post } from '@nestjs/common';
import { ApiBody, ApiResponse, ApiTags } from '@nestjs/swagger';
import {
  access,
  type CreatedKey,
  type CreatedTeam,
  type KeyBody,
  type KeyView,
  type Me,
  type MemberBody,
  type MemberChange,
  type MemberView,
  type Page,
  type TeamBody,
  type TeamView,
} from '@unroll/contracts';
import { Admits, OpensByLink } from '../access/access';
import { From, type Caller } from '../access/caller';
import { ApiShapeResponse } from '../http/api-shapes';
import { ContractPipe, Document } from '../http/document';
import { KeysService } from './keys.service';
import { MembersService } from './members.service';
import { TeamsService } from './teams.service';

const problems = [400, 401, 403, 404, 409, 415, 422, 503];
const bodyOf = (name: string) => ApiBody({ schema: { $ref: `#/components/schemas/${name}` } });

@ApiTags('team')
@Controller('v1')
export class TeamController {
  constructor(
    private readonly teams: TeamsService,
    private readonly members: MembersService,
    private readonly keys: KeysService,
  ) {}

  @Get('me')
  @Admits('viewer')
  @OpensByLink('any')
  @ApiShapeResponse('Me', { problems: [401, 503] })
  me(@From() caller: Caller): Me {
    return this.teams.me(caller);
  }

  @Get('members')
  @Admits('viewer')
  @ApiShapeResponse('MemberPage', { problems: [401, 503] })
  listMembers(@From() caller: Caller): Promise<Page<MemberView>> {
    return this.members.list(caller);
  }

  @Post('members')
  @Admits('admin', 'member.add')
  @bodyOf('AddMember')
  @ApiShapeResponse('Member', { status: 201, problems })
  addMember(
    @From() caller: Caller,
    @Document(new ContractPipe(access.memberBody)) body: MemberBody,
  ): Promise<MemberView> {
    return this.members.add(caller, body);
  }

  @Patch('members/:name')
  @Admits('admin', 'member.change')
  @bodyOf('ChangeMember')
  @ApiShapeResponse('Member', { problems })
  changeMember(
    @From() caller: Caller,
    @Param('name') name: string,
    @Document(new ContractPipe(access.memberChange)) change: MemberChange,
  ): Promise<MemberView> {
    return this.members.change(caller, name, change);
  }

  @Delete('members/:name')
  @HttpCode(204)
  @Admits('admin', 'member.remove')
  @ApiResponse({ status: 204, description: 'The member and their keys are removed. Their sweeps stay.' })
  removeMember(@From() caller: Caller, @Param('name') name: string): Promise<void> {
    return this.members.remove(caller, name);
  }

  /** One's own keys; for an admin, those of the team. */
  @Get('keys')
  @Admits('viewer')
  @ApiShapeResponse('KeyPage', { problems: [401, 503] })
  listKeys(@From() caller: Caller): Promise<Page<KeyView>> {
    return this.keys.list(caller);
  }

  /** A key for oneself; by an admin, for any member. */
  @Post('keys')
  @Admits('viewer', 'key.create')
  @bodyOf('CreateKey')
  @ApiShapeResponse('CreatedKey', { status: 201, problems })
  createKey(@From() caller: Caller, @Document(new ContractPipe(access.keyBody)) body: KeyBody): Promise<CreatedKey> {
    return this.keys.create(caller, body);
  }

  /** Revokes a key of one's own; by an admin, of any member. */
  @Delete('keys/:id')
  @HttpCode(204)
  @Admits('viewer', 'key.revoke')
  @ApiResponse({ status: 204, description: 'The key is refused from now on.' })
  revokeKey(@From() caller: Caller, @Param('id') id: string): Promise<void> {
    return this.keys.revoke(caller, id);
  }

  @Get('teams')
  @Admits('operator')
  @ApiShapeResponse('TeamPage', { problems: [401, 403, 503] })
  listTeams(): Promise<Page<TeamView>> {
    return this.teams.list();
  }

  @Post('teams')
  @Admits('operator', 'team.create')
  @bodyOf('CreateTeam')
  @ApiShapeResponse('CreatedTeam', { status: 201, problems })
  createTeam(
    @From() caller: Caller,
    @Document(new ContractPipe(access.teamBody)) body: TeamBody,
  ): Promise<CreatedTeam> {
    return this.teams.create(caller, body);
  }
}
