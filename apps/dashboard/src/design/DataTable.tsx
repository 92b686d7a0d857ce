import {
  columnVisibilityFeature,
  tableFeatures,
  useTable,
  type ColumnDef,
  type ColumnVisibilityState,
  type RowData,
} from '@tanstack/react-table';
import { useMemo, type ReactNode } from 'react';
import { Icon } from './Icon';

const features = tableFeatures({ columnVisibilityFeature });

/** A column: its header, its cells, and the key by which the server sorts it. */
export interface Column<Row> {
  id: string;
  header: string;
  cell: (row: Row) => ReactNode;
  /** Right-aligned. */
  numeric?: boolean;
  /** Sort key of the API; a column without one is not sortable. */
  sort?: string;
  /** Hidden unless chosen. */
  optional?: boolean;
  /** Shows the header to screen readers only. */
  hiddenHeader?: boolean;
}

export interface Sorting {
  by: string;
  descending: boolean;
  change: (by: string) => void;
}

interface DataTableProps<Row> {
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  sorting?: Sorting | undefined;
  visibility?: ColumnVisibilityState | undefined;
  isChosen?: (row: Row) => boolean;
}

const everything: ColumnVisibilityState = {};

export function DataTable<Row extends RowData>(props: DataTableProps<Row>) {
  const { caption, columns, rows, rowKey, sorting, visibility = everything, isChosen } = props;
  const byId = new Map(columns.map((column) => [column.id, column]));
  const definitions = useMemo(
    () => columns.map(({ id, header }): ColumnDef<typeof features, Row, unknown> => ({ id, header })),
    [columns],
  );
  const table = useTable<typeof features, Row>({
    features,
    data: rows,
    columns: definitions,
    getRowId: rowKey,
    state: { columnVisibility: visibility },
  });
  return (
    <div className="table-frame" tabIndex={0} role="region" aria-label={caption}>
      {/* On narrow screens rows become cards; the roles keep the table semantics for screen readers. */}
      <table className="data cards" role="table">
        <caption className="hidden">{caption}</caption>
        <thead role="rowgroup">
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id} role="row">
              {group.headers.map((header) => (
                <HeaderCell key={header.id} column={byId.get(header.column.id)!} sorting={sorting} />
              ))}
            </tr>
          ))}
        </thead>
        <tbody role="rowgroup">
          {table.getRowModel().rows.map((row) => (
            <tr key={row.id} role="row" className={isChosen?.(row.original) ? 'chosen' : undefined}>
              {row.getVisibleCells().map(({ id, column: { id: name } }) => {
                const column = byId.get(name)!;
                // Called rather than rendered as a component: new columns, as with the time, would close the dialogs within cells.
                return (
                  <BodyCell key={id} column={column}>
                    {column.cell(row.original)}
                  </BodyCell>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function BodyCell<Row>({ column, children }: { column: Column<Row>; children: ReactNode }) {
  const { header, numeric, hiddenHeader } = column;
  return (
    <td role="cell" className={numeric ? 'right' : undefined} data-label={hiddenHeader ? undefined : header}>
      {children}
    </td>
  );
}

function HeaderCell<Row>({ column, sorting }: { column: Column<Row>; sorting: Sorting | undefined }) {
  const { header, numeric, sort, hiddenHeader } = column;
  const sorted = sorting !== undefined && sort !== undefined && sorting.by === sort;
  const aria = sorted ? (sorting.descending ? 'descending' : 'ascending') : undefined;
  return (
    <th scope="col" role="columnheader" className={numeric ? 'right' : undefined} aria-sort={aria}>
      {sort !== undefined && sorting ? (
        <button type="button" onClick={() => sorting.change(sort)}>
          {header}
          {sorted && <Icon name={sorting.descending ? 'down' : 'up'} />}
        </button>
      ) : (
        <span className={hiddenHeader ? 'hidden' : undefined}>{header}</span>
      )}
    </th>
  );
}
