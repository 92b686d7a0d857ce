import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { Connection } from './event-stream';
import { isByLink } from './key';
import { followChanges } from './live';

const askAgainMilliseconds = 10_000;

/** Follows live updates while the page is open. Returns the state of the connection. */
export function useLive(): Connection {
  const client = useQueryClient();
  const [connection, say] = useState<Connection>('connecting');
  useEffect(() => {
    if (!isByLink()) return followChanges(client, say);
    // Changes are told to members of the team: who reads by a link asks again.
    const asking = setInterval(() => void client.invalidateQueries(), askAgainMilliseconds);
    return () => clearInterval(asking);
  }, [client]);
  return connection;
}
