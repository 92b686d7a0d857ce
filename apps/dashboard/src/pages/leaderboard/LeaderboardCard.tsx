import type { Leaderboard } from '@unroll/contracts';
import { useQuery } from '@tanstack/react-query';
import type { Query } from '../../api/client';
import { leaderboardQuery, teamBoardPath } from '../../api/queries';
import { Loaded, Problem } from '../../design/Messages';
import { Card } from '../../design/Page';
import { counted } from '../../format/number';
import { Board, type Nothing } from './Board';
import { boardQuery, readBoardState, writeBoardState, type BoardState } from './board-state';
import { Exports } from './Exports';
import { useSearch } from '../../charts/own-search';

interface LeaderboardCardProps {
  /** API path of the leaderboard of a sweep or of the team. */
  path: string;
  /** API path of the export. */
  exportPath: string;
  exportName: string;
  /** Query parameters in addition to those in the address. */
  fixed?: Query;
  /** Shown where there are no rows. */
  nothing: Nothing;
}

/** A leaderboard, filtered, sorted and paged by the API according to the address. */
export function LeaderboardCard({ path, exportPath, exportName, fixed, nothing }: LeaderboardCardProps) {
  const [search, setSearch] = useSearch();
  const state = readBoardState(search);
  const change = (part: Partial<BoardState>): void => setSearch((now) => writeBoardState(now, part), { replace: true });
  const asked = boardQuery(state);
  const query = useQuery(leaderboardQuery(path, { ...fixed, ...asked }));
  const { limit: _, cursor: __, ...filters } = asked;
  return (
    <Loaded query={query} what="Loading the leaderboard">
      {(board) => (
        <Card
          title="Leaderboard"
          about={aboutBoard(board)}
          flush
          actions={<Exports path={exportPath} name={exportName} query={{ ...fixed, ...filters }} />}
        >
          {query.error && <Problem error={query.error} />}
          <Board board={board} state={state} change={change} team={path === teamBoardPath} nothing={nothing} />
        </Card>
      )}
    </Loaded>
  );
}

const aboutBoard = ({ objective, total }: Leaderboard): string =>
  `${total === null ? '' : `${counted(total, 'configuration')}, `}${aboutObjective(objective)}`;

/** The metric of a leaderboard, and which values of it are better. */
export const aboutObjective = ({ metric, goal }: Leaderboard['objective']): string =>
  `${metric}, ${goal === 'minimize' ? 'lower' : 'higher'} is better`;
