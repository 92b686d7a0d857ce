/** SQL: the node's quotas leave no room. `node`: a row of shares, of a team or a member. Two indexes count and find. */
export const quotaReached = (node: string): string => `(
  (${node}.gpu_hours is not null and ${node}.spent >= ${node}.gpu_hours * 3600)
  or (${node}.lanes is not null and ${node}.lanes <= (
    select count(*) from attempts where state = 'running' and attempts.team_id = ${node}.team_id
      and (${node}.member = '' or attempts.owner = ${node}.member))))`;
