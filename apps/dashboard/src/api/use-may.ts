import type { Role } from '@unroll/contracts';
import { useQuery } from '@tanstack/react-query';
import { meQuery } from './queries';
import { includesRole } from './roles';

/** Whether the person who is signed in may do what this role allows: what they may not do is not offered. */
export function useMay(role: Role): boolean {
  const { data } = useQuery(meQuery());
  return data !== undefined && includesRole(data.role, role);
}

/** Whether the person who is signed in may do what concerns all teams. */
export function useIsOperator(): boolean {
  return useQuery(meQuery()).data?.operator === true;
}
