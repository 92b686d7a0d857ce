import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiBearerAuth, ApiExtension, ApiForbiddenResponse } from '@nestjs/swagger';
import type { Access, LinkScope } from '@unroll/contracts';

export const accessKey = 'unroll:access';
export const actionKey = 'unroll:action';
export const linkKey = 'unroll:link';

/** Thing and verb of a change, as the audit has it. */
export type Action = `${string}.${string}`;

/**
 * Whom a route admits, and, for one that changes something, what it does in the words of the audit. A route without it does not start:
 * see requireAccess. Null instead of an action: it is work on a trial, of which its attempt tells, and not the audit. The OpenAPI document
 * says it as `x-access`.
 */
export function Admits(access: Access, action?: Action | null): MethodDecorator {
  return applyDecorators(
    SetMetadata(accessKey, access),
    ApiExtension('x-access', access),
    ...(action === undefined ? [] : [SetMetadata(actionKey, action)]),
    ...(access === 'open' ? [] : [ApiBearerAuth()]),
    ...(access === 'open' || access === 'viewer'
      ? []
      : [ApiForbiddenResponse({ description: `Needs the role ${access}.` })]),
  );
}

/**
 * That a link may open a route that shows a sweep, a trial or a report, named `:id`, or the board that the query names; `any`: every link.
 * A link opens nothing else. It stands on routes that read and admit a viewer: see requireAccess. The OpenAPI document says it as `x-link`.
 */
export function OpensByLink(scope: LinkScope): MethodDecorator {
  return applyDecorators(SetMetadata(linkKey, scope), ApiExtension('x-link', scope));
}
