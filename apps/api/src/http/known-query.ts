import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum';
import { ValidationError } from '@unroll/contracts';
import type { Request } from 'express';
import type { Observable } from 'rxjs';

/** Refuses query parameters of a route that has none. Those of other routes are checked against their contracts. */
@Injectable()
export class KnownQuery implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { query } = context.switchToHttp().getRequest<Request>();
    const given = Object.keys(query);
    if (given.length > 0 && !readsQuery(context))
      throw new ValidationError(given.map((path) => ({ path, message: 'unknown key; this route takes no query' })));
    return next.handle();
  }
}

function readsQuery(context: ExecutionContext): boolean {
  const parameters = (Reflect.getMetadata(ROUTE_ARGS_METADATA, context.getClass(), context.getHandler().name) ??
    {}) as Record<string, unknown>;
  return Object.keys(parameters).some((key) => key.startsWith(`${RouteParamtypes.QUERY}:`));
}
