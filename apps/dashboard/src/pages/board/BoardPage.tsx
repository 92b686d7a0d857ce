import type { BoardView } from '@unroll/contracts';
import { useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'react-router';
import { boardsQuery, teamBoardPath } from '../../api/queries';
import { ButtonLink } from '../../design/Button';
import { Empty, Loaded } from '../../design/Messages';
import { Facts, Page } from '../../design/Page';
import { SaveView } from '../../design/SaveView';
import { count } from '../../format/number';
import { leaves, parameterText, shortPath } from '../../format/parameters';
import { LeaderboardCard } from '../leaderboard/LeaderboardCard';

/** The best of all sweeps that measured the same: data, split, task and tokens. What differs in these is never mixed. */
export default function BoardPage() {
  const query = useQuery(boardsQuery());
  const [search] = useSearchParams();
  return (
    <Loaded query={query} what="Loading boards">
      {({ items }) => {
        const board = items.find((one) => isAsked(one, search)) ?? mostTried(items);
        return (
          <Page
            title="Team's board"
            about="The best of all sweeps that measured the same thing on the same data"
            actions={board && <SaveView suggestion={`Board of ${board.dataset}`} />}
          >
            {board ? (
              <Shown boards={items} board={board} />
            ) : (
              <div className="card">
                <Empty title="No board yet">
                  <p>A board appears with the first result of a sweep on its data.</p>
                  <ButtonLink kind="primary" to="/submit">
                    Write a sweep
                  </ButtonLink>
                </Empty>
              </div>
            )}
          </Page>
        );
      }}
    </Loaded>
  );
}

const keyOf = ({ id, metric }: BoardView): string => `${id} ${metric}`;

/** The address may name a board whole, or its data set alone. */
function isAsked(board: BoardView, search: URLSearchParams): boolean {
  const asked = search.get('board');
  if (asked === null) return search.get('dataset') === board.dataset;
  return asked === board.id && (search.get('metric') ?? board.metric) === board.metric;
}

const mostTried = (boards: readonly BoardView[]): BoardView | undefined =>
  boards.toSorted((a, b) => b.configurations - a.configurations)[0];

function Shown({ boards, board }: { boards: readonly BoardView[]; board: BoardView }) {
  const [, setSearch] = useSearchParams();
  const choose = (key: string): void => {
    const [id = '', metric = ''] = key.split(' ');
    setSearch({ board: id, metric });
  };
  const reading = leaves(board.split);
  const text = (part: [string, unknown][]): string =>
    part.map(([path, value]) => `${shortPath(path)} ${parameterText(value)}`).join(', ');
  return (
    <>
      <label className="field">
        Board
        <select value={keyOf(board)} onChange={({ target }) => choose(target.value)}>
          {boards.map((one) => (
            <option key={keyOf(one)} value={keyOf(one)}>
              {one.dataset}, {one.task}, {one.metric} ({count(one.configurations)})
            </option>
          ))}
        </select>
      </label>
      <Facts
        items={[
          { name: 'Data', value: board.dataset, note: <code>{board.fingerprint.slice(0, 12)}</code> },
          { name: 'Task', value: board.task, note: board.tokens === null ? undefined : `by ${board.tokens}` },
          {
            name: 'Held out',
            value: text(reading.filter(([path]) => path.startsWith('split.'))) || 'as the data set says',
            note: text(reading.filter(([path]) => !path.startsWith('split.'))),
          },
          { name: 'Configurations', value: count(board.configurations) },
        ]}
      />
      <LeaderboardCard
        key={keyOf(board)}
        path={teamBoardPath}
        exportPath="/v1/leaderboard/export"
        exportName={`board-${board.dataset}`}
        fixed={{ board: board.id, metric: board.metric }}
        nothingYet="Rows appear with the first values of trials."
      />
    </>
  );
}
