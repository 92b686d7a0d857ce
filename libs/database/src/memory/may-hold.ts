/** Seconds for which a worker that has left, or was killed, counts as one that may come back. */
export const rememberedSeconds = 86_400;

/** SQL: whether a device may hold a lane with these needs: where either is not known, it may. */
export const mayHold = (least: string, memoryClass: string, room: string): string =>
  `coalesce((${least} ->> ${memoryClass})::double precision <= ${room}, true)`;

/** SQL: whether a worker of a fleet, as fleet_memory has it, may. */
export const fleetMayHold = (fleet: string, least: string): string =>
  `exists (select from jsonb_each_text(${fleet}) as device (class, room)
     where coalesce((${least} ->> class)::double precision <= room::double precision, true))`;
