import type { ReactNode } from 'react';
import { Button } from './Button';

/** An empty state: what will appear here, and how to get it. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <strong>{title}</strong>
      {children}
    </div>
  );
}

/** A one-line error message, shown where it happened. */
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

interface Query<Data> {
  data: Data | undefined;
  error: Error | null;
  refetch: () => unknown;
}

/** Whether the same request may succeed later: not where the API has refused it, with a status from 400 to 499 but 429. */
function mayPass(error: Error): boolean {
  const status = 'status' in error ? Number(error.status) : 0;
  return status < 400 || status === 429 || status >= 500;
}

/** Renders a query's data, a loading state or an error. Earlier data stay visible while newer are loading. */
export function Loaded<Data>({
  query,
  what,
  children,
}: {
  query: Query<Data>;
  what?: string;
  children: (data: Data) => ReactNode;
}) {
  if (query.data !== undefined) return children(query.data);
  if (query.error)
    return <Problem error={query.error} {...(mayPass(query.error) ? { retry: () => void query.refetch() } : {})} />;
  return <Waiting {...(what === undefined ? {} : { what })} />;
}
