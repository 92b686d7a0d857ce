import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Param,
  Post,
  Query,
  StreamableFile,
  UploadedFile,
  UseInterceptors,
} from '@nestjs/common';
import { FileInterceptor } from '@nestjs/platform-express';
import { ApiBody, ApiConsumes, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import { registeredKinds, datasetName, rest, type DatasetView, type Page, type PageQuery } from '@unroll/contracts';
import { z } from 'zod';
import { Admits } from '../access/access';
import { From, type Caller } from '../access/caller';
import { ApiShapeResponse } from '../http/api-shapes';
import { ContractPipe } from '../http/document';
import { DatasetsService } from './datasets.service';
import { largestUpload, StorageQuota } from './storage-quota';

const form = z.object({
  name: datasetName,
  kind: z.enum(registeredKinds, { error: `must be one of ${registeredKinds.join(', ')}` }),
});

/** An upload has two short fields and a file. */
const uploadLimits = { fileSize: largestUpload, files: 1, fields: 2, parts: 3, fieldSize: 1000, fieldNameSize: 100 };

@ApiTags('datasets')
@Controller('v1/datasets')
export class DatasetsController {
  constructor(private readonly datasets: DatasetsService) {}

  @Post()
  @Admits('submitter', 'dataset.add')
  @ApiConsumes('multipart/form-data')
  @ApiBody({
    schema: {
      type: 'object',
      required: ['name', 'kind', 'file'],
      properties: {
        name: { type: 'string' },
        kind: { type: 'string', enum: [...registeredKinds] },
        file: { type: 'string', format: 'binary' },
      },
    },
  })
  @UseInterceptors(StorageQuota, FileInterceptor('file', { limits: uploadLimits }))
  @ApiShapeResponse('Dataset', { status: 201, problems: [401, 403, 409, 411, 413, 422, 503, 507] })
  add(
    @From() caller: Caller,
    @Body() body: unknown,
    @UploadedFile() file: Express.Multer.File | undefined,
  ): Promise<DatasetView> {
    return this.datasets.add(caller, file?.path, () => new ContractPipe(form).transform(body ?? {}));
  }

  @Get()
  @Admits('viewer')
  @ApiShapeResponse('DatasetPage', { problems: [401, 503] })
  list(@From() caller: Caller, @Query(new ContractPipe(rest.pageQuery)) query: PageQuery): Promise<Page<DatasetView>> {
    return this.datasets.list(caller, query);
  }

  @Get(':name')
  @Admits('viewer')
  @ApiShapeResponse('Dataset')
  show(@From() caller: Caller, @Param('name', new ContractPipe(datasetName)) name: string): Promise<DatasetView> {
    return this.datasets.show(caller, name);
  }

  @Delete(':name')
  @Admits('submitter', 'dataset.delete')
  @HttpCode(204)
  @ApiResponse({ status: 204, description: 'The data set is deleted, and its content unless another has the same.' })
  @ApiResponse({ status: 409, description: 'A sweep that has not ended uses it, or it is built in.' })
  remove(@From() caller: Caller, @Param('name', new ContractPipe(datasetName)) name: string): Promise<void> {
    return this.datasets.remove(caller, name);
  }

  @Get(':name/content')
  @Admits('viewer')
  @ApiProduces('application/octet-stream')
  async content(
    @From() caller: Caller,
    @Param('name', new ContractPipe(datasetName)) name: string,
  ): Promise<StreamableFile> {
    return new StreamableFile(await this.datasets.content(caller, name));
  }
}
