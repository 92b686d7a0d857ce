import type { TrialView } from '@unroll/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { call } from '../../api/client';
import { useMay } from '../../api/use-may';
import { Button } from '../../design/Button';
import { Icon } from '../../design/Icon';
import { Problem } from '../../design/Messages';

/** Makes the configuration of a trial the baseline of its board, or takes that back. */
export function Pin({ trial: { id, pinned, value } }: { trial: TrialView }) {
  const client = useQueryClient();
  const submits = useMay('submitter');
  const change = useMutation({
    mutationFn: () => call(`/v1/trials/${id}/pin`, { method: pinned ? 'DELETE' : 'POST' }),
    onSuccess: () => client.invalidateQueries(),
  });
  if (!submits || value === null) return null;
  return (
    <>
      <Button
        disabled={change.isPending}
        title={pinned ? undefined : 'Its leaderboard shows how much all others differ from it'}
        onClick={() => change.mutate()}
      >
        <Icon name="pin" />
        {pinned ? 'Unpin' : 'Pin as baseline'}
      </Button>
      {change.error && <Problem error={change.error} />}
    </>
  );
}
