import { Inject, Injectable, SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request, Response } from 'express';
import { ProblemException } from './problem';
import { WrongKeys } from './wrong-keys';

export const apiKey = Symbol('ApiKey');
const open = 'open';

/** Marks a route that needs no key. */
export const Open = () => SetMetadata(open, true);

/** Admits requests with the key: `Authorization: Bearer <key>`. */
@Injectable()
export class KeyGuard implements CanActivate {
  constructor(
    @Inject(apiKey) private readonly key: string,
    private readonly wrongKeys: WrongKeys,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.reflector.getAllAndOverride<boolean>(open, [context.getHandler(), context.getClass()])) return true;
    const refusal = await this.wrongKeys.refusal(context.switchToHttp().getRequest<Request>(), this.key);
    if (!refusal) return true;
    context.switchToHttp().getResponse<Response>().set(refusal.headers);
    throw new ProblemException(refusal.status, refusal.detail);
  }
}
