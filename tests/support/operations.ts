import type { Access, LinkScope } from '@unroll/contracts';
import type { TestApi } from './api';
import type { Calling } from './teams';

export interface Operation {
  method: string;
  path: string;
  access: Access;
  link: LinkScope | undefined;
}

/** Everything that the API serves, from its own description. */
export async function readOperations(api: Pick<TestApi, 'call'>): Promise<Operation[]> {
  const { paths } = (await (await api.call('/openapi.json')).json()) as {
    paths: Record<string, Record<string, { 'x-access'?: Access; 'x-link'?: LinkScope }>>;
  };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { 'x-access': access, 'x-link': link }]) => ({
      method: method.toUpperCase(),
      path,
      access: access!,
      link,
    })),
  );
}

/** An id of nothing. */
export const nothing = 'zzzz2222';

/** Sends a request, and returns its status without waiting for the end of a stream. */
export async function statusOf(call: Calling['call'], method: string, path: string): Promise<number> {
  const stop = new AbortController();
  const { status } = await call(path, { method, signal: stop.signal });
  stop.abort();
  return status;
}
