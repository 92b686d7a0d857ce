import { rankedStates } from '@unroll/contracts';
import { useState, type FormEvent } from 'react';
import { Button } from '../../design/Button';
import { Icon } from '../../design/Icon';
import { shortPath } from '../../format/parameters';
import { withCondition, type BoardState } from './board-state';

interface FiltersProps {
  state: BoardState;
  paths: readonly string[];
  sorts: readonly string[];
  change: (part: Partial<BoardState>) => void;
}

/** A metric keeps the part of the data that it is measured on: `test.loss`. */
const pathName = (path: string): string => (/^(train|validation|test)\./.test(path) ? path : shortPath(path));

/** The display name of a sort key: `learningRate` for `parameter:training.learningRate`. */
const sortName = (sort: string): string => (sort.includes(':') ? pathName(sort.split(':')[1]!) : sort);

/** Filter and sort controls: everything that a brush on a chart can do, accessible by keyboard. */
export function Filters({ state, paths, sorts, change }: FiltersProps) {
  return (
    <div className="filters">
      <div className="row">
        <label className="field">
          State
          <select value={state.state ?? ''} onChange={({ target }) => change({ state: target.value || undefined })}>
            <option value="">any</option>
            {rankedStates.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <label className="field">
          Sort by
          <select value={state.sort} onChange={({ target }) => change({ sort: target.value, order: undefined })}>
            {[...new Set(['value', ...sorts, state.sort])].map((sort) => (
              <option key={sort} value={sort}>
                {sortName(sort)}
              </option>
            ))}
          </select>
        </label>
        <AddCondition
          paths={['value', ...paths]}
          add={(path, text) => change({ where: withCondition(state.where, path, text) })}
        />
      </div>
      {(state.where.length > 0 || state.state) && (
        <ul className="row" aria-label="Active filters">
          {state.where.map((condition) => (
            <li key={condition} className="chip">
              {chipText(condition)}
              <button
                type="button"
                aria-label={`Remove filter ${chipText(condition)}`}
                onClick={() => change({ where: state.where.filter((one) => one !== condition) })}
              >
                <Icon name="close" />
              </button>
            </li>
          ))}
          <li>
            <Button small kind="plain" onClick={() => change({ where: [], state: undefined })}>
              Clear all
            </Button>
          </li>
        </ul>
      )}
    </div>
  );
}

/** A condition as text: `training.learningRate:1e-4..1e-2` is `learningRate 1e-4 to 1e-2`; `model.cell:a|b` is `cell = a or b`. */
function chipText(condition: string): string {
  const [path = '', ...rest] = condition.split(':');
  const value = rest.join(':');
  const [low, high, more] = value.split('..');
  const name = pathName(path);
  // A quoted value may contain a bar itself, so it is shown as written.
  if (value.includes('"')) return `${name} = ${value}`;
  if (high === undefined || more !== undefined) return `${name} = ${value.split('|').join(' or ')}`;
  if (low === '') return `${name} ≤ ${high}`;
  return high === '' ? `${name} ≥ ${low}` : `${name} ${low} to ${high}`;
}

function AddCondition({ paths, add }: { paths: readonly string[]; add: (path: string, condition: string) => void }) {
  const [path, setPath] = useState('value');
  const [text, setText] = useState('');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (text.trim() === '') return;
    add(path, `${path}:${text.trim()}`);
    setText('');
  };
  return (
    <form className="row" onSubmit={submit} aria-label="Add filter">
      <label className="field">
        Filter
        <select value={path} onChange={({ target }) => setPath(target.value)}>
          {paths.map((one) => (
            <option key={one} value={one}>
              {pathName(one)}
            </option>
          ))}
        </select>
      </label>
      <input
        aria-label="A value, several values such as gru|lstm, or a range such as 1e-4..1e-2"
        placeholder="value, a|b or low..high"
        size={19}
        value={text}
        onChange={({ target }) => setText(target.value)}
      />
      <Button type="submit" disabled={text.trim() === ''}>
        Add
      </Button>
    </form>
  );
}
