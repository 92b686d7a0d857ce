import { HttpStatus, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { includesRole, type Access, type LinkScope } from '@unroll/contracts';
import type { Request, Response } from 'express';
import { ProblemException } from '../http/problem';
import { accessKey, linkKey } from './access';
import { Authentication } from './authentication';
import { findCaller, isOperator, setCaller, type Caller } from './caller';
import { LinkAccess } from './link-access';

/** Admits a request whose key belongs to a member with the role that the route requires. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly authentication: Authentication,
    private readonly reflector: Reflector,
    private readonly links: LinkAccess,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const access = this.reflector.get<Access>(accessKey, context.getHandler());
    if (access === 'open') return true;
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    const known = findCaller(request);
    const { caller, refusal: refused } = known ? { caller: known } : await this.authentication.admit(request);
    if (!caller) {
      http.getResponse<Response>().set(refused.headers);
      throw new ProblemException(refused.status, refused.detail);
    }
    if (!admits(access, caller)) throw new ProblemException(HttpStatus.FORBIDDEN, refusal(access, caller));
    const { link } = caller;
    const scope = this.reflector.get<LinkScope | undefined>(linkKey, context.getHandler());
    if (link && !(await this.links.opens(scope, { ...caller, link }, request)))
      throw new ProblemException(HttpStatus.FORBIDDEN, `this link shows one ${link.kind} only: sign in for more`);
    setCaller(request, caller);
    return true;
  }
}

const admits = (access: Exclude<Access, 'open'>, caller: Caller): boolean =>
  access === 'operator' ? isOperator(caller) : includesRole(caller.role, access);

const refusal = (access: Access, { member, role }: Caller): string =>
  access === 'operator'
    ? 'this needs an admin of the team local, who creates the other teams'
    : `this needs the role ${access}, and the key of ${member} has the role ${role}: ask an admin of the team`;
