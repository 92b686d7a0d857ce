import type { TrialView } from '@unroll/contracts';
import { useState } from 'react';
import { Link } from 'react-router';
import { Card } from '../../design/Page';
import { State } from '../../design/State';
import { count, number } from '../../format/number';
import { duration } from '../../format/time';
import { differences } from './differences';

const facts: readonly [string, (trial: TrialView) => string][] = [
  ['value', ({ value }) => number(value)],
  ['updates', ({ updates }) => count(updates)],
  ['training time', ({ seconds }) => duration(seconds)],
  ['engine', ({ engine, lanes }) => (engine ? `${engine} × ${lanes}` : '–')],
];

/** A column for each trial, a row for each setting in which they differ. */
export function DifferencesCard({ trials }: { trials: readonly TrialView[] }) {
  const [all, showAll] = useState(false);
  const rows = differences(trials);
  const differing = rows.filter(({ differs }) => differs);
  const shown = all ? rows : differing;
  return (
    <Card
      title="Differences"
      about={`They differ in ${count(differing.length)} of ${count(rows.length)} settings`}
      flush
      actions={
        <label className="field">
          <input type="checkbox" checked={all} onChange={({ target }) => showAll(target.checked)} />
          Show what is equal
        </label>
      }
    >
      <div className="table-frame" tabIndex={0} role="region" aria-label="Differences">
        <table className="data keeps">
          <caption className="hidden">Differences of the trials</caption>
          <thead>
            <tr>
              <th scope="col">Setting</th>
              {trials.map(({ id, state }) => (
                <th key={id} scope="col" className="right">
                  <Link to={`/trials/${id}`} className="mono">
                    {id}
                  </Link>{' '}
                  <State state={state} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {facts.map(([name, text]) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                {trials.map((trial) => (
                  <td key={trial.id} className="right">
                    {text(trial)}
                  </td>
                ))}
              </tr>
            ))}
            {shown.map(({ path, values, differs }) => (
              <tr key={path} className={differs ? undefined : 'muted'}>
                <th scope="row" className="mono">
                  {path}
                </th>
                {values.map((value, index) => (
                  <td key={trials[index]!.id} className="right">
                    {value}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}
