import { limits } from '@unroll/contracts';
import { call, type Query } from './client';

interface Listed<Item> {
  items: Item[];
  nextCursor: string | null;
}

/** The first page of a list with the items of all further pages added, `most` at most. @throws CommandFailed */
export async function allPages<Answer extends Listed<unknown>>(
  path: string,
  query: Query = {},
  most = Infinity,
): Promise<Answer> {
  const page = (cursor?: string, read = 0): Promise<Answer> =>
    call<Answer>(path, { query: { ...query, limit: Math.min(most - read, limits.page), cursor } });
  const whole = await page();
  while (whole.nextCursor !== null && whole.items.length < most) {
    const { items, nextCursor } = await page(whole.nextCursor, whole.items.length);
    whole.items.push(...items);
    whole.nextCursor = nextCursor;
  }
  return whole;
}
