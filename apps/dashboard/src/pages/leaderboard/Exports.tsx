import { useState } from 'react';
import { save, type Query } from '../../api/client';
import { Button } from '../../design/Button';
import { Icon } from '../../design/Icon';
import { Problem } from '../../design/Messages';

/** Downloads all filtered rows, on every page, in the current sort order. */
export function Exports({ path, name, query }: { path: string; name: string; query: Query }) {
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const load = async (format: 'csv' | 'jsonl'): Promise<void> => {
    setBusy(true);
    setError(null);
    await save(path, `${name}.${format}`, { ...query, format }).catch(setError);
    setBusy(false);
  };
  return (
    <>
      {error !== null && <Problem error={error} />}
      {(['csv', 'jsonl'] as const).map((format) => (
        <Button key={format} small disabled={busy} onClick={() => void load(format)}>
          <Icon name="download" />
          {format === 'csv' ? 'CSV' : 'JSON lines'}
        </Button>
      ))}
    </>
  );
}
