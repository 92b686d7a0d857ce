/** SQL: the node's quotas leave no room. `node`: a row of shares, of a team or a member. Two indexes count and find. */
export const quotaReached = (node: string): string => `(
  (${node}.gpu_hours is not null and ${node}.spent >= ${node}.gpu_hours * 3600)
  or (${node}.lanes is not null and ${node}.lanes <= (
    select count(*) from attempts where state = 'running' and attempts.team_id = ${node}.team_id
      and (${node}.member = '' or attempts.owner = ${node}.member))))`;

/** SQL: no quota of the team or the owner of a row of `sweeps` is reached. */
export const withinQuotas = `not exists (
  select from shares where shares.team_id = sweeps.team_id and member in ('', sweeps.owner) and shares.priority = ''
    and ${quotaReached('shares')})`;
