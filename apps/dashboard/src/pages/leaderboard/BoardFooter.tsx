import type { Leaderboard } from '@unroll/contracts';
import { isByLink } from '../../api/key';
import { Button, ButtonLink } from '../../design/Button';
import { Icon } from '../../design/Icon';
import type { BoardState } from './board-state';
import { Columns, type ColumnsProps } from './Columns';
import { mostCompared, type Selection } from './use-selection';

interface BoardFooterProps {
  board: Leaderboard;
  selection: Selection;
  columns: ColumnsProps['columns'];
  state: BoardState;
  change: (part: Partial<BoardState>) => void;
}

/** Paging, the comparison of selected trials, and the choice of columns. */
export function BoardFooter({ board, selection, columns, state, change }: BoardFooterProps) {
  const { nextCursor, previousCursor } = board;
  return (
    <footer className="card-foot">
      <div className="row">
        <Button disabled={previousCursor === null} onClick={() => change({ cursor: previousCursor ?? undefined })}>
          <Icon name="left" />
          Previous
        </Button>
        <Button disabled={nextCursor === null} onClick={() => change({ cursor: nextCursor ?? undefined })}>
          Next
          <Icon name="right" />
        </Button>
      </div>
      <div className="row">
        {!isByLink() && <Compare selection={selection} />}
        <Columns columns={columns} state={state} change={change} />
      </div>
    </footer>
  );
}

function Compare({ selection: { ids, clear } }: { selection: Selection }) {
  return (
    <>
      {ids.length > 0 && (
        <Button kind="plain" onClick={clear}>
          Clear selection
        </Button>
      )}
      {ids.length >= 2 ? (
        <ButtonLink kind="primary" to={`/compare?${new URLSearchParams(ids.map((id) => ['trial', id])).toString()}`}>
          Compare {ids.length} trials
        </ButtonLink>
      ) : (
        <span className="muted small">Select 2 to {mostCompared} rows to compare them.</span>
      )}
    </>
  );
}
