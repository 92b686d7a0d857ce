import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { localTeam, type LinkTarget, type Role } from '@unroll/contracts';
import type { Request } from 'express';

/** Who sends a request: a member of a team. */
export interface Caller {
  teamId: string;
  /** Name of the member. */
  member: string;
  role: Role;
  /** The key that the request carries; null for that of the environment. */
  key: { id: string; name: string } | null;
  /** What alone it may read, if it came by a link. */
  link?: LinkTarget;
}

/** Whether it may create teams: an admin of the team that exists from the start. */
export const isOperator = ({ teamId, role }: Caller): boolean => teamId === localTeam && role === 'admin';

const callers = new WeakMap<object, Caller>();

/** Remembers who sent a request; the request itself cannot say so by a header or a field. */
export const setCaller = (request: Request, caller: Caller): void => void callers.set(request, caller);
export const findCaller = (request: Request): Caller | undefined => callers.get(request);

/** Who sends the request, in the parameters of a route that is not open. */
export const From = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const caller = findCaller(context.switchToHttp().getRequest<Request>());
  if (!caller) throw new Error('a route that reads its caller is not open');
  return caller;
});
