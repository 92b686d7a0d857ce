import type { Leaderboard } from '@unroll/contracts';
import { useMemo } from 'react';
import { DataTable, type Column } from '../../design/DataTable';
import { Empty } from '../../design/Messages';
import { BoardFooter } from './BoardFooter';
import { boardColumns, rowKey } from './board-columns';
import { withBaselines } from './board-rows';
import { isShown, sortBy, type BoardState } from './board-state';
import { Filters } from './Filters';
import { useSelection, type Selection } from './use-selection';

/** What a board without rows says. */
export interface Nothing {
  title: string;
  text: string;
}

interface BoardProps {
  board: Leaderboard;
  state: BoardState;
  change: (part: Partial<BoardState>) => void;
  /** Whether rows are from several sweeps. */
  team: boolean;
  nothing: Nothing;
}

/** The filters, rows and footer of a leaderboard. */
export function Board({ board, state, change, team, nothing }: BoardProps) {
  const { items, objective, sorts, descending } = board;
  const selection = useSelection();
  const columns = useColumns(board, selection, team);
  const rows = useMemo(() => withBaselines(items, board, objective.goal, state), [items, board, objective, state]);
  const filtered = state.where.length > 0 || state.state !== undefined;
  const paths = columns.flatMap(({ id }) => /^(?:metric|parameter):(.*)/.exec(id)?.[1] ?? []);
  return (
    <>
      <Filters state={state} paths={paths} sorts={sorts} change={change} />
      {items.length === 0 && (
        <Empty title={filtered ? 'No trials match the filters' : nothing.title}>
          <p>{filtered ? 'Widen a range or remove a filter.' : nothing.text}</p>
        </Empty>
      )}
      {items.length > 0 && (
        <DataTable
          caption="Leaderboard"
          columns={columns}
          rows={rows}
          rowKey={rowKey}
          sorting={{
            by: state.sort,
            descending,
            change: (by) => change(sortBy(state, by)),
          }}
          visibility={Object.fromEntries(columns.map((column) => [column.id, isShown(column, state)]))}
          isChosen={({ trialId }) => trialId !== null && selection.has(trialId)}
        />
      )}
      <BoardFooter board={board} selection={selection} columns={columns} state={state} change={change} />
    </>
  );
}

function useColumns(board: Leaderboard, selection: Selection, team: boolean) {
  return useMemo(
    (): Column<Leaderboard['items'][number]>[] => boardColumns({ board, selection, team }),
    [board, selection, team],
  );
}
