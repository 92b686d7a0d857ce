import { HttpStatus, Inject, Injectable, SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request, Response } from 'express';
import { keyAdvice, keyProblem } from './key';
import { ProblemException } from './problem';

export const apiKey = Symbol('ApiKey');
const open = 'open';

/** Marks a route that needs no key. */
export const Open = () => SetMetadata(open, true);

/** Admits requests with the key: `Authorization: Bearer <key>`. */
@Injectable()
export class KeyGuard implements CanActivate {
  constructor(
    @Inject(apiKey) private readonly key: string,
    private readonly reflector: Reflector,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    if (this.reflector.getAllAndOverride<boolean>(open, [context.getHandler(), context.getClass()])) return true;
    const request = context.switchToHttp().getRequest<Request>();
    const problem = keyProblem(request, this.key);
    if (!problem) return true;
    context.switchToHttp().getResponse<Response>().setHeader('www-authenticate', 'Bearer');
    throw new ProblemException(HttpStatus.UNAUTHORIZED, keyAdvice(problem));
  }
}
