import type { Difference } from '../compare/differences';
import { Card } from '../../design/Page';

/** How a sweep differs from the one that it began as. */
export function ChangesCard({ name, changes }: { name: string; changes: readonly Difference[] }) {
  return (
    <Card title="Changes" about={`From ${name}; they become the first note of the new sweep`}>
      {changes.length === 0 ? (
        <p className="muted">None yet.</p>
      ) : (
        <dl className="pairs">
          {changes.map(({ path, values: [before, after] }) => (
            <div key={path} className="drawn">
              <dt>{path}</dt>
              <dd className="number">
                {before} → {after}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </Card>
  );
}
