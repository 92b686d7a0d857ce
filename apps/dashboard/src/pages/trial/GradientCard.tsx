import type { DiagnosticsView } from '@unroll/contracts';
import { useQuery } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { diagnosticsQuery } from '../../api/queries';
import { EChart } from '../../charts/EChart';
import { gradientOption } from '../../charts/gradient-option';
import { Loaded } from '../../design/Messages';
import { Card } from '../../design/Page';
import { theme } from '../../design/theme';
import { count, none, percent } from '../../format/number';

/** How far back in time the gradient reaches at each report. */
export function GradientCard({ id }: { id: string }) {
  const query = useQuery(diagnosticsQuery(id));
  return (
    <Loaded query={query} what="Loading the gradient flow">
      {(diagnostics) =>
        diagnostics.reports.some(({ gradient }) => gradient.length > 0) ? <Shown diagnostics={diagnostics} /> : null
      }
    </Loaded>
  );
}

function Shown({ diagnostics: { reports } }: { diagnostics: DiagnosticsView }) {
  const last = reports.at(-1)!;
  const layers = last.gradient.length;
  const [chosen, choose] = useState(layers - 1);
  const layer = Math.min(chosen, layers - 1);
  const option = useCallback(() => gradientOption(reports, layer, theme()), [reports, layer]);
  const { memoryHorizon, saturation, farthest } = last;
  return (
    <Card
      title="Gradient flow by distance in time"
      about={
        'More than 1 % of the gradient remains up to ' +
        `${memoryHorizon === null ? none : `${count(memoryHorizon)} of ${count(farthest)}`} steps back; ` +
        `saturated gates: ${percent(saturation)}`
      }
      actions={
        layers > 1 && (
          <label className="field">
            Layer
            <select value={layer} onChange={({ target }) => choose(Number(target.value))}>
              {Array.from({ length: layers }, (_, index) => (
                <option key={index} value={index}>
                  {index + 1}
                </option>
              ))}
            </select>
          </label>
        )
      }
    >
      <EChart
        label={`Heat map of the gradient of layer ${layer + 1} at ${last.distances.length} distances in time, at ${reports.length} reports`}
        height={320}
        option={option}
      />
    </Card>
  );
}
