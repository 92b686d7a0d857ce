import { fleetMayHold, mayHold, rememberedSeconds } from '../memory/may-hold';

/** Seconds within which a worker whose memory is not known was seen, if it counts: only a live one does. */
const liveSeconds = 30;

/**
 * The most memory that workers other than one have, or had within a day, in bytes by class of device; `any`: there is a live worker whose
 * memory is not known.
 */
const fleetMemory = `create or replace function fleet_memory(other text) returns jsonb language plpgsql stable as $$
  begin
    return (select coalesce(jsonb_object_agg(class, most), '{}') from (
      select class, max(room) as most from (
        select case when room is null then 'any' else memory_class end as class, coalesce(room, 0) as room from workers
        where id <> other
          and last_seen > clock_timestamp() - make_interval(secs => case when room is null then ${liveSeconds} else ${rememberedSeconds} end)
        union all
        select memory_class, room from departed_memory where left_at > clock_timestamp() - make_interval(secs => ${rememberedSeconds})
      ) each_worker group by class
    ) each_class);
  end $$`;

/** The signatures that a claimant cannot hold, while another worker may. signature_memory_most finds them: for most workers, none. */
const tooLargeFor = `create or replace function too_large_for(claimant json) returns text[] language plpgsql stable as $$
  declare
    own double precision := claimant ->> 'room';
    fleet jsonb;
  begin
    if not exists (select from signature_memory where most > own) then
      return '{}';
    end if;
    fleet := fleet_memory(claimant ->> 'workerId');
    return array(select signature from signature_memory
      where most > own and not ${mayHold('least', `(claimant ->> 'memoryClass')`, 'own')} and ${fleetMayHold('fleet', 'least')});
  end $$`;

export const memory = [fleetMemory, tooLargeFor];
