import type { Snapshots } from '@unroll/contracts';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { diagnosticsQuery } from '../../api/queries';
import { diverging } from '../../charts/palette';
import { Card } from '../../design/Page';
import { useTheme } from '../../design/theme';
import { count, number } from '../../format/number';

type Sequence = Snapshots['sequences'][number];

/** A text coloured by a unit of the top layer, as in figure 2 of Karpathy et al. 2015; nothing where steps have no symbols. */
export function StatesCard({ id }: { id: string }) {
  const { data } = useQuery(diagnosticsQuery(id));
  const sequences = data?.snapshots?.sequences.filter(({ symbols, states }) => symbols && states.length > 0) ?? [];
  return sequences.length > 0 ? <Shown sequences={sequences} units={data!.snapshots!.units} /> : null;
}

function Shown({ sequences, units }: { sequences: readonly Sequence[]; units: number }) {
  const shown = sequences[0]!.states[0]!.length;
  const [chosen, choose] = useState('0');
  const attends = sequences.some(({ attention }) => attention);
  return (
    <Card
      title="States over the text"
      about={
        `The state of a unit of the top layer after each step of held-out sequences: red below 0, blue above` +
        (shown < units ? `; the first ${count(shown)} of ${count(units)} units` : '')
      }
      actions={
        <label className="field">
          Colour
          <select value={chosen} onChange={({ target }) => choose(target.value)}>
            {attends && <option value="attention">attention</option>}
            {Array.from({ length: shown }, (_, unit) => (
              <option key={unit} value={unit}>
                unit {unit}
              </option>
            ))}
          </select>
        </label>
      }
    >
      <div className="stack">
        {sequences.map((sequence, index) => (
          <Coloured key={index} sequence={sequence} of={chosen} />
        ))}
      </div>
    </Card>
  );
}

/** One text; each symbol carries its value as a title, and the list of values is what a screen reader reads. */
function Coloured({ sequence: { symbols = [], states, attention }, of }: { sequence: Sequence; of: string }) {
  const theme = useTheme();
  const values = of === 'attention' ? (attention ?? []) : states.map((units) => units[Number(of)] ?? null);
  const most = Math.max(1e-9, ...values.map((value) => Math.abs(value ?? 0)));
  const words = symbols.some((symbol) => [...symbol].length > 1);
  return (
    <pre className="sample coloured" tabIndex={0}>
      {symbols.map((symbol, step) => {
        const value = values[step] ?? null;
        return (
          <span key={step}>
            <span
              style={{ background: diverging(theme, (value ?? 0) / most) }}
              title={`${JSON.stringify(symbol)}: ${number(value)}`}
            >
              {symbol === '\n' ? '↵\n' : symbol}
            </span>
            {words && ' '}
          </span>
        );
      })}
    </pre>
  );
}
