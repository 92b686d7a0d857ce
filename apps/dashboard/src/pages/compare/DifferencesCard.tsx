import type { TrialView } from '@unroll/contracts';
import { useState } from 'react';
import { Link } from 'react-router';
import { Card } from '../../design/Page';
import { State } from '../../design/State';
import { count, number } from '../../format/number';
import { duration } from '../../format/time';
import { differences, type Difference } from './differences';

const facts: readonly [string, (trial: TrialView) => string][] = [
  ['value', ({ value }) => number(value)],
  ['updates', ({ updates }) => count(updates)],
  ['training time', ({ seconds }) => duration(seconds)],
  ['engine', ({ engine, lanes }) => (engine ? `${engine} × ${lanes}` : '–')],
];

/** A table with a column per trial and a row per setting in which they differ. */
export function DifferencesCard({ trials }: { trials: readonly TrialView[] }) {
  const [all, showAll] = useState(false);
  const rows = differences(trials);
  const differing = rows.filter(({ differs }) => differs);
  return (
    <Card
      title="Differences"
      about={`${count(differing.length)} of ${count(rows.length)} settings differ`}
      flush
      actions={
        <label className="field">
          <input type="checkbox" checked={all} onChange={({ target }) => showAll(target.checked)} />
          Show equal settings
        </label>
      }
    >
      <div className="table-frame" tabIndex={0} role="region" aria-label="Differences">
        <table className="data keeps">
          <caption className="hidden">Differences between the trials</caption>
          <Head trials={trials} />
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
            {(all ? rows : differing).map((row) => (
              <Setting key={row.path} row={row} trials={trials} />
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}

function Head({ trials }: { trials: readonly TrialView[] }) {
  return (
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
  );
}

function Setting({ row: { path, values, differs }, trials }: { row: Difference; trials: readonly TrialView[] }) {
  return (
    <tr className={differs ? undefined : 'muted'}>
      <th scope="row" className="mono">
        {path}
      </th>
      {values.map((value, index) => (
        <td key={trials[index]!.id} className="right">
          {value}
        </td>
      ))}
    </tr>
  );
}
