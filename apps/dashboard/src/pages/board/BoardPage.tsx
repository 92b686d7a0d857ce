import type { BoardView, TeamLeaderboard } from '@unroll/contracts';
import { useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'react-router';
import { isByLink } from '../../api/key';
import { boardsQuery, leaderboardQuery, teamBoardPath } from '../../api/queries';
import { ButtonLink } from '../../design/Button';
import { Empty, Loaded } from '../../design/Messages';
import { Facts, Page } from '../../design/Page';
import { useMay } from '../../api/use-may';
import { Share } from '../links/Share';
import { SaveView } from '../views/SaveView';
import { count } from '../../format/number';
import { leaves, parameterText, shortPath } from '../../format/parameters';
import { LeaderboardCard } from '../leaderboard/LeaderboardCard';

/** Leaderboards across sweeps. Only results with the same data, split, task and tokens share one. */
export default function BoardPage() {
  return isByLink() ? <LinkedBoard /> : <AllBoards />;
}

/** The board that a link shows: its address names it. */
function LinkedBoard() {
  const [search] = useSearchParams();
  const asked = { board: search.get('board') ?? '', metric: search.get('metric') ?? '' };
  const query = useQuery(leaderboardQuery<TeamLeaderboard>(teamBoardPath, { ...asked, limit: 1 }));
  return (
    <Loaded query={query} what="Loading the leaderboard">
      {({ board }) => (
        <Page
          title={`Leaderboard of ${board.dataset}`}
          about="The best configurations across all sweeps with the same data and metric"
        >
          <Shown boards={[board]} board={board} />
        </Page>
      )}
    </Loaded>
  );
}

function AllBoards() {
  const query = useQuery(boardsQuery());
  const submits = useMay('submitter');
  const [search] = useSearchParams();
  return (
    <Loaded query={query} what="Loading leaderboards">
      {({ items }) => {
        const board = items.find((one) => isRequested(one, search)) ?? largest(items);
        return (
          <Page
            title="Team leaderboard"
            about="The best configurations across all sweeps with the same data and metric"
            actions={
              board && (
                <>
                  <SaveView suggestion={`Leaderboard of ${board.dataset}`} />
                  {submits && (
                    <Share
                      of={{ board: board.id, metric: board.metric }}
                      what={`the leaderboard of ${board.dataset}`}
                    />
                  )}
                </>
              )
            }
          >
            {board ? (
              <Shown boards={items} board={board} />
            ) : (
              <div className="card">
                <Empty title="No leaderboard yet">
                  <p>A leaderboard appears with a sweep's first result.</p>
                  <ButtonLink kind="primary" to="/submit">
                    New sweep
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

const boardKey = ({ id, metric }: BoardView): string => `${id} ${metric}`;

/** The address names either a leaderboard or only its data set. */
function isRequested(board: BoardView, search: URLSearchParams): boolean {
  const asked = search.get('board');
  if (asked === null) return search.get('dataset') === board.dataset;
  return asked === board.id && (search.get('metric') ?? board.metric) === board.metric;
}

const largest = (boards: readonly BoardView[]): BoardView | undefined =>
  boards.toSorted((a, b) => b.configurations - a.configurations)[0];

/** Its data, task and metric; and where another one has the same, the settings in which they differ. */
function boardName(board: BoardView, all: readonly BoardView[]): string {
  const name = ({ dataset, task, metric }: BoardView): string => `${dataset}, ${task}, ${metric}`;
  const alike = all.filter((other) => name(other) === name(board) && other !== board);
  const settings = (one: BoardView): Map<string, string> =>
    new Map(leaves({ ...one.options, ...one.split }).map(([path, value]) => [path, parameterText(value)]));
  const own = settings(board);
  const differing = [...own].filter(([path, value]) => alike.some((other) => settings(other).get(path) !== value));
  const differences = differing.map(([path, value]) => `${shortPath(path)} ${value}`);
  const sameData = alike.every(({ fingerprint }) => fingerprint === board.fingerprint);
  if (!sameData) differences.push(`data ${board.fingerprint.slice(0, 8)}`);
  return [name(board), ...differences].join(', ');
}

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
        Leaderboard
        <select value={boardKey(board)} onChange={({ target }) => choose(target.value)}>
          {boards.map((one) => (
            <option key={boardKey(one)} value={boardKey(one)}>
              {boardName(one, boards)} ({count(one.configurations)})
            </option>
          ))}
        </select>
      </label>
      <Facts
        items={[
          { name: 'Data', value: board.dataset, note: <code>{board.fingerprint.slice(0, 12)}</code> },
          { name: 'Task', value: board.task, note: text(leaves(board.options)) || undefined },
          {
            name: 'Held out',
            value: text(reading.filter(([path]) => path.startsWith('split.'))) || 'data set default',
            note: text(reading.filter(([path]) => !path.startsWith('split.'))),
          },
          { name: 'Configurations', value: count(board.configurations) },
        ]}
      />
      <LeaderboardCard
        key={boardKey(board)}
        path={teamBoardPath}
        exportPath="/v1/leaderboard/export"
        exportName={`board-${board.dataset}`}
        fixed={{ board: board.id, metric: board.metric }}
        nothing={{ title: 'No results yet', text: 'Rows appear when trials report their first values.' }}
      />
    </>
  );
}
