import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { followChanges, type Connection } from './live';

/** Follows the live channel while the page is open; says how that goes. */
export function useLive(): Connection {
  const client = useQueryClient();
  const [connection, say] = useState<Connection>('connecting');
  useEffect(() => followChanges(client, say), [client]);
  return connection;
}
