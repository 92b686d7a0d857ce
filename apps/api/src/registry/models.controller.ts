import { Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import {
  registry,
  rest,
  type AliasBody,
  type ModelVersionView,
  type Page,
  type PageQuery,
  type RegisteredModel,
  type VersionBody,
} from '@unroll/contracts';
import { Admits } from '../access/access';
import { From, type Caller } from '../access/caller';
import { ApiShapeResponse } from '../http/api-shapes';
import { ContractPipe, Document } from '../http/document';
import { ModelsService } from './models.service';

@ApiTags('models')
@Controller('v1/models')
export class ModelsController {
  constructor(private readonly models: ModelsService) {}

  @Get()
  @Admits('viewer')
  @ApiShapeResponse('RegisteredModelPage', { problems: [401, 422, 503] })
  list(
    @From() caller: Caller,
    @Query(new ContractPipe(rest.pageQuery)) query: PageQuery,
  ): Promise<Page<RegisteredModel>> {
    return this.models.list(caller, query);
  }

  @Get(':name')
  @Admits('viewer')
  @ApiShapeResponse('RegisteredModel')
  show(@From() caller: Caller, @Param('name') name: string): Promise<RegisteredModel> {
    return this.models.show(caller, name);
  }

  @Delete(':name')
  @Admits('submitter', 'model.delete')
  @HttpCode(204)
  remove(@From() caller: Caller, @Param('name') name: string): Promise<void> {
    return this.models.remove(caller, name);
  }

  @Post(':name/versions')
  @Admits('submitter', 'model.register')
  @ApiBody({ schema: { $ref: '#/components/schemas/RegisterVersion' } })
  @ApiShapeResponse('ModelVersion', { status: 201, problems: [400, 401, 404, 409, 413, 415, 422, 503] })
  register(
    @From() caller: Caller,
    @Param('name', new ContractPipe(registry.registeredName)) name: string,
    @Document(new ContractPipe(registry.versionBody)) body: VersionBody,
  ): Promise<ModelVersionView> {
    return this.models.register(caller, name, body);
  }

  @Delete(':name/versions/:version')
  @Admits('submitter', 'model.delete-version')
  @HttpCode(204)
  removeVersion(@From() caller: Caller, @Param('name') name: string, @Param('version') version: string): Promise<void> {
    return this.models.removeVersion(caller, name, version);
  }

  @Post(':name/aliases')
  @Admits('submitter', 'model.alias')
  @HttpCode(200)
  @ApiBody({ schema: { $ref: '#/components/schemas/SetAlias' } })
  @ApiShapeResponse('RegisteredModel', { problems: [400, 401, 404, 409, 413, 415, 422, 503] })
  setAlias(
    @From() caller: Caller,
    @Param('name') name: string,
    @Document(new ContractPipe(registry.aliasBody)) body: AliasBody,
  ): Promise<RegisteredModel> {
    return this.models.setAlias(caller, name, body);
  }

  @Delete(':name/aliases/:alias')
  @Admits('submitter', 'model.delete-alias')
  @HttpCode(204)
  removeAlias(@From() caller: Caller, @Param('name') name: string, @Param('alias') alias: string): Promise<void> {
    return this.models.removeAlias(caller, name, alias);
  }
}
