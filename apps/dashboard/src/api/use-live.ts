import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { Connection } from './event-stream';
import { followChanges } from './live';

/** Follows live updates while the page is open. Returns the state of the connection. */
export function useLive(): Connection {
  const client = useQueryClient();
  const [connection, say] = useState<Connection>('connecting');
  useEffect(() => followChanges(client, say), [client]);
  return connection;
}
