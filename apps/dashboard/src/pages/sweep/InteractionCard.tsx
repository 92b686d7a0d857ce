import type { Points } from '@unroll/contracts';
import { useCallback, useState } from 'react';
import { EChart } from '../../charts/EChart';
import { interactionOption } from '../../charts/interaction-option';
import { ScaleLegend } from '../../charts/ScaleLegend';
import { Card } from '../../design/Page';
import { theme } from '../../design/theme';
import { shortPath } from '../../format/parameters';

interface InteractionProps {
  points: Points;
  /** The two parameters that explain most together, if that is known. */
  strongest: readonly string[] | undefined;
}

/** The value over two parameters at once. */
export function InteractionCard({ points, strongest }: InteractionProps) {
  const paths = points.parameters.map(({ path }) => path);
  const [chosen, choose] = useState<[string | undefined, string | undefined]>([undefined, undefined]);
  const first = Math.max(0, paths.indexOf(chosen[0] ?? strongest?.[0] ?? paths[0]!));
  const wanted = paths.indexOf(chosen[1] ?? strongest?.[1] ?? paths[1]!);
  const second = wanted >= 0 && wanted !== first ? wanted : (first + 1) % paths.length;
  const option = useCallback(() => interactionOption(points, [first, second], theme()), [points, first, second]);
  return (
    <Card
      title="Interaction"
      about={`Median ${points.metric} of the trials in each cell; those that diverged are left out`}
      actions={[first, second].map((index, place) => (
        <label key={place} className="field">
          {place === 0 ? 'Across' : 'Up'}
          <select
            value={paths[index]}
            onChange={({ target }) =>
              choose(place === 0 ? [target.value, paths[second]] : [paths[first], target.value])
            }
          >
            {paths.map((path, other) => (
              <option key={path} value={path} disabled={other === (place === 0 ? second : first)}>
                {shortPath(path)}
              </option>
            ))}
          </select>
        </label>
      ))}
    >
      <EChart label={`Median ${points.metric} by ${paths[first]} and ${paths[second]}`} height={340} option={option} />
      <ScaleLegend from="best" to="worst" />
    </Card>
  );
}
