import { Icon } from '../../design/Icon';
import { Menu } from '../../design/Menu';
import { everyColumn, isShown, withColumn, type BoardState } from './board-state';

export interface ColumnsProps {
  columns: readonly { id: string; header: string; optional?: boolean }[];
  state: BoardState;
  change: (part: Partial<BoardState>) => void;
}

/** Shows or hides columns; the first three are always visible. */
export function Columns({ columns, state, change }: ColumnsProps) {
  const every = state.shown.includes(everyColumn);
  return (
    <Menu
      up
      label={
        <>
          <Icon name="columns" />
          Columns
        </>
      }
    >
      <label>
        <input
          type="checkbox"
          checked={every}
          onChange={({ target }) => change({ hidden: [], shown: target.checked ? [everyColumn] : [] })}
        />
        <strong>All metrics and settings</strong>
      </label>
      {columns.slice(3).map((column) => (
        <label key={column.id}>
          <input
            type="checkbox"
            checked={isShown(column, state)}
            onChange={({ target }) => change(withColumn(column, state, target.checked))}
          />
          {column.header}
        </label>
      ))}
    </Menu>
  );
}
