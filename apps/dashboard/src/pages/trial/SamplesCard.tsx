import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { samplesQuery } from '../../api/queries';
import { Loaded } from '../../design/Messages';
import { Card } from '../../design/Page';
import { count } from '../../format/number';

/** What the network wrote during training: from noise to text. */
export function SamplesCard({ id, last }: { id: string; last: string | null }) {
  const query = useQuery(samplesQuery(id));
  const [chosen, choose] = useState<number | null>(null);
  return (
    <Loaded query={query} what="Loading what it wrote">
      {({ items }) => {
        const shown = items.length > 0 || last === null ? items : [{ update: -1, text: last }];
        if (shown.length === 0)
          return (
            <Card title="What it writes">
              <p className="muted">This task writes no text, or has not reported yet.</p>
            </Card>
          );
        const index = chosen === null ? shown.length - 1 : Math.min(chosen, shown.length - 1);
        const { update, text } = shown[index]!;
        return (
          <Card title="What it writes" about={update < 0 ? 'At its last report' : `At update ${count(update)}`}>
            <div className="stack">
              {shown.length > 1 && (
                <label className="field wide">
                  During training
                  <input
                    type="range"
                    min={0}
                    max={shown.length - 1}
                    value={index}
                    aria-valuetext={`update ${count(update)}`}
                    onChange={({ target }) => choose(target.valueAsNumber)}
                  />
                </label>
              )}
              <pre className="sample" tabIndex={0}>
                {text}
              </pre>
            </div>
          </Card>
        );
      }}
    </Loaded>
  );
}
