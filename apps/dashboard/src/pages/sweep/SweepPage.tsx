import { endedTrials, type SweepView } from '@unroll/contracts';
import { usePrefetchQuery, useQuery } from '@tanstack/react-query';
import { lazy, Suspense, type ReactNode } from 'react';
import { Link, useParams, useSearchParams } from 'react-router';
import { boardPath, leaderboardQuery, sweepQuery, waitingQuery } from '../../api/queries';
import { isByLink } from '../../api/key';
import { useMay } from '../../api/use-may';
import { Loaded, Waiting } from '../../design/Messages';
import { Facts, Page } from '../../design/Page';
import { Share } from '../links/Share';
import { SaveView } from '../views/SaveView';
import { countsText, Progress, State } from '../../design/State';
import { Tabs, type Tab } from '../../design/Tabs';
import { useNow } from '../../design/use-now';
import { count, counted, none, number } from '../../format/number';
import { ago, at, duration } from '../../format/time';
import { useTimeLeft } from '../../format/use-time-left';
import { DetailsCard } from '../details/DetailsCard';
import { boardQuery, readBoardState } from '../leaderboard/board-state';
import { SweepActions } from './SweepActions';
import { SweepBoard } from './SweepBoard';

const CurvesTab = lazy(() => import('./CurvesTab'));
const ParallelTab = lazy(() => import('./ParallelTab'));
const ParametersTab = lazy(() => import('./ParametersTab'));
const SearchTab = lazy(() => import('./SearchTab'));
const ProblemsTab = lazy(() => import('./ProblemsTab'));
const SpecificationTab = lazy(() => import('./SpecificationTab'));

const crumbs = () => (isByLink() ? [] : [{ to: '/sweeps', label: 'Sweeps' }]);

/** One sweep: its progress, and a tab for each kind of result. */
export default function SweepPage() {
  const { id = '' } = useParams();
  const [search] = useSearchParams();
  // Requested in parallel with the sweep rather than after it.
  usePrefetchQuery(leaderboardQuery(boardPath(id), boardQuery(readBoardState(search))));
  const query = useQuery(sweepQuery(id));
  if (query.data) return <Sweep sweep={query.data} />;
  return (
    <Page title={`Sweep ${id}`} crumbs={crumbs()}>
      <Loaded query={query} what="Loading the sweep">
        {() => null}
      </Loaded>
    </Page>
  );
}

function Sweep({ sweep }: { sweep: SweepView }) {
  const [search] = useSearchParams();
  const { trials } = sweep;
  const submits = useMay('submitter');
  const tabs: Tab[] = [
    { id: 'leaderboard', label: 'Leaderboard' },
    { id: 'curves', label: 'Curves' },
    { id: 'parallel', label: 'Parallel coordinates' },
    { id: 'parameters', label: 'Parameters' },
    { id: 'search', label: 'Search' },
    { id: 'problems', label: 'Diverged and failed', count: trials.diverged + trials.failed },
    { id: 'specification', label: 'Specification' },
  ];
  const chosen = tabs.find(({ id }) => id === search.get('tab'))?.id ?? 'leaderboard';
  return (
    <Page
      title={sweep.name}
      crumbs={crumbs()}
      beside={
        <>
          <State state={sweep.state} />
          {sweep.archived && <span className="chip">archived</span>}
        </>
      }
      about={
        <>
          <code>{sweep.id}</code> · by {sweep.owner} · {sweep.objective.metric}, {sweep.objective.goal}
          {sweep.clonedFrom !== null && (
            <>
              {' '}
              · cloned from{' '}
              <Link to={`/sweeps/${sweep.clonedFrom}`}>
                <code>{sweep.clonedFrom}</code>
              </Link>
            </>
          )}
          {sweep.message && <> · {sweep.message}</>}
        </>
      }
      actions={
        <>
          <SaveView suggestion={`${sweep.name}: ${tabs.find(({ id }) => id === chosen)!.label.toLowerCase()}`} />
          {submits && <Share of={{ sweep: sweep.id }} what={`the sweep ${sweep.name} and its trials`} />}
          {submits && <SweepActions sweep={sweep} />}
        </>
      }
    >
      <Overview sweep={sweep} />
      <DetailsCard of={sweep} path={`/v1/sweeps/${sweep.id}`} />
      <Tabs label="Sweep sections" tabs={tabs} chosen={chosen} />
      <Suspense fallback={<Waiting />}>{shown(chosen, sweep)}</Suspense>
    </Page>
  );
}

function shown(tab: string, sweep: SweepView): ReactNode {
  if (tab === 'curves') return <CurvesTab sweep={sweep} />;
  if (tab === 'parallel') return <ParallelTab sweep={sweep} />;
  if (tab === 'parameters') return <ParametersTab sweep={sweep} />;
  if (tab === 'search') return <SearchTab sweep={sweep} />;
  if (tab === 'problems') return <ProblemsTab sweep={sweep} />;
  if (tab === 'specification') return <SpecificationTab sweep={sweep} />;
  return <SweepBoard sweep={sweep} />;
}

function Overview({ sweep }: { sweep: SweepView }) {
  const now = useNow();
  const { trials, total, best, createdAt, finishedAt } = sweep;
  const left = useTimeLeft(sweep, now);
  const took = finishedAt ? (Date.parse(finishedAt) - Date.parse(createdAt)) / 1000 : null;
  return (
    <>
      <Facts
        items={[
          {
            name: 'Best so far',
            value: best ? number(best.value) : none,
            note: best ? `trial ${best.trialId}` : finishedAt ? 'no values' : 'no values yet',
          },
          {
            name: 'Trials ended',
            value: `${count(endedTrials(trials))} of ${count(total)}`,
            note: `${count(trials.running)} running`,
          },
          { name: 'Pruned', value: count(trials.pruned), note: 'by the stopping rule' },
          { name: 'Diverged, failed', value: `${count(trials.diverged)}, ${count(trials.failed)}` },
          took === null
            ? {
                name: 'Time left',
                value: left === null ? none : left === 0 ? 'any moment' : `about ${duration(left)}`,
                note: `submitted ${ago(createdAt, now)}`,
              }
            : { name: 'Duration', value: duration(took), note: `finished ${at(finishedAt)}` },
        ]}
      />
      <div className="stack tight">
        <Progress trials={trials} total={total} />
        <p className="small muted">{countsText(trials)}</p>
        {sweep.state === 'running' && trials.pending > 0 && !isByLink() && <WhyWaiting id={sweep.id} />}
      </div>
    </>
  );
}

/** Why trials that could start do not. */
function WhyWaiting({ id }: { id: string }) {
  const { data } = useQuery(waitingQuery(id));
  if (!data?.text) return null;
  return (
    <p className="small muted">
      {counted(data.trials, 'trial')} {data.trials === 1 ? 'waits' : 'wait'}: {data.text}.{' '}
      <Link to="/fleet">Who uses the fleet</Link>
    </p>
  );
}
