import { beginAttempts } from '../trials/transitions/begin-attempts';
import { claimFunction } from '../trials/transitions/claim';
import { joinFunction } from '../trials/transitions/join';

/** An id as `newId` makes it (ids.ts): 8 characters of an alphabet without look-alikes, from the random bytes of a UUID. */
const newId = `create or replace function new_id() returns text language sql volatile as $$
  select string_agg(substr('abcdefghijkmnpqrstuvwxyz23456789', 1 + get_byte(bytes, place) % 32, 1), '')
  from (select uuid_send(gen_random_uuid()) as bytes) drawn, unnest(array[0, 1, 2, 3, 4, 5, 7, 9]) as place $$`;

/** How trials begin: what a worker claims is one statement, whatever it holds. */
export const claims = [newId, beginAttempts, claimFunction, joinFunction];
