import { Icon } from '../../design/Icon';

interface ColumnsProps {
  columns: readonly { id: string; header: string }[];
  hidden: readonly string[];
  change: (hidden: string[]) => void;
}

/** Shows or hides columns; the first three are always visible. */
export function Columns({ columns, hidden, change }: ColumnsProps) {
  return (
    <details className="menu up">
      <summary className="button">
        <Icon name="columns" />
        Columns
      </summary>
      <div>
        {columns.slice(3).map(({ id, header }) => (
          <label key={id}>
            <input
              type="checkbox"
              checked={!hidden.includes(id)}
              onChange={({ target }) => change(target.checked ? hidden.filter((one) => one !== id) : [...hidden, id])}
            />
            {header}
          </label>
        ))}
      </div>
    </details>
  );
}
