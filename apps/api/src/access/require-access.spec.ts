import 'reflect-metadata';
import { Controller, Get, Post, type INestApplication, type Type } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { Admits, OpensByLink } from './access';
import { requireAccess } from './require-access';

@Controller()
class Silent {
  @Get('silent')
  read(): void {}
}

@Controller()
class Unnamed {
  @Get('read')
  @Admits('viewer')
  read(): void {}

  @Post('write')
  @Admits('submitter')
  write(): void {}
}

@Controller()
class Writing {
  @Post('write')
  @Admits('viewer', 'thing.write')
  @OpensByLink('any')
  write(): void {}
}

@Controller()
class Administering {
  @Get('read')
  @Admits('admin')
  @OpensByLink('any')
  read(): void {}
}

@Controller()
class Declared {
  @Post('write')
  @Admits('submitter', 'thing.write')
  write(): void {}

  helper(): void {}
}

async function applicationOf(controller: Type): Promise<INestApplication> {
  const module = await Test.createTestingModule({ imports: [DiscoveryModule], controllers: [controller] }).compile();
  return module.createNestApplication();
}

describe('an API', () => {
  it.each([
    [Silent, 'Silent.read: say whom the route admits, with @Admits'],
    [Writing, 'Writing.write: a link only reads what a viewer may: remove @OpensByLink'],
    [Administering, 'Administering.read: a link only reads what a viewer may: remove @OpensByLink'],
    [Unnamed, 'Unnamed.write: name what it changes, with the second argument of @Admits'],
  ])('does not start with the routes of %p', async (controller, message) => {
    const app = await applicationOf(controller);
    expect(() => requireAccess(app)).toThrow(message);
  });

  it('starts with routes that say whom they admit', async () => {
    const app = await applicationOf(Declared);
    expect(() => requireAccess(app)).not.toThrow();
  });
});
