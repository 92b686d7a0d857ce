import { useMutation } from '@tanstack/react-query';
import { Button } from '../../design/Button';
import { Problem } from '../../design/Messages';

interface ArchiveButtonProps {
  archived: boolean;
  /** Leaves it out of the list, or brings it back. */
  change: (archived: boolean) => Promise<unknown>;
}

/** Archives something that has ended, or restores it. */
export function ArchiveButton({ archived, change }: ArchiveButtonProps) {
  const { mutate, isPending, error } = useMutation({ mutationFn: () => change(!archived) });
  return (
    <>
      <Button disabled={isPending} onClick={() => mutate()}>
        {archived ? 'Restore' : 'Archive'}
      </Button>
      {error && <Problem error={error} />}
    </>
  );
}
