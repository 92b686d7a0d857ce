import type { ReactNode } from 'react';
import { Button } from './Button';

/** What stands where nothing is yet: what it will be, and what to do for it. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <strong>{title}</strong>
      {children}
    </div>
  );
}

/** One line of what went wrong, near where it did. */
export function Problem({ error, retry }: { error: unknown; retry?: () => void }) {
  return (
    <div className="problem" role="alert">
      <span>{error instanceof Error ? error.message : String(error)}</span>
      {retry && (
        <Button small kind="plain" onClick={retry}>
          Try again
        </Button>
      )}
    </div>
  );
}

export function Waiting({ what = 'Loading' }: { what?: string }) {
  return (
    <div className="waiting" role="status">
      {what} …
    </div>
  );
}

interface Asked<Data> {
  data: Data | undefined;
  error: Error | null;
  refetch: () => unknown;
}

/** What a query brought, or that it is on its way, or why it does not come. Old data stay while newer are asked for. */
export function Loaded<Data>({
  query,
  what,
  children,
}: {
  query: Asked<Data>;
  what?: string;
  children: (data: Data) => ReactNode;
}) {
  if (query.data !== undefined) return children(query.data);
  if (query.error) return <Problem error={query.error} retry={() => void query.refetch()} />;
  return <Waiting {...(what === undefined ? {} : { what })} />;
}
