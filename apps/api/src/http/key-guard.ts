import { HttpStatus, Inject, Injectable, SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request, Response } from 'express';
import { createHash, timingSafeEqual } from 'node:crypto';
import { ProblemException } from './problem';

export const apiKey = Symbol('ApiKey');
const open = 'open';

/** Marks a route that needs no key. */
export const Open = () => SetMetadata(open, true);

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

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
    const [, given] = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '') ?? [];
    if (given !== undefined && timingSafeEqual(digest(given), digest(this.key))) return true;
    context.switchToHttp().getResponse<Response>().setHeader('www-authenticate', 'Bearer');
    const problem = given === undefined ? 'the key is missing' : 'the key is wrong';
    throw new ProblemException(HttpStatus.UNAUTHORIZED, `${problem}: send it as Authorization: Bearer <key>`);
  }
}
