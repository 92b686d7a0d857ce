import type { TrialView } from '@unroll/contracts';
import { useQueries, useQuery } from '@tanstack/react-query';
import { useMemo, useState, type FormEvent } from 'react';
import { Link, useSearchParams } from 'react-router';
import { comparedCurvesQuery, trialQuery } from '../../api/queries';
import { readCurveState } from '../../charts/curve-state';
import Curves from '../../charts/Curves';
import { CurveOptions } from '../../charts/CurveOptions';
import { Legend } from '../../charts/Legend';
import { MetricChoice } from '../../charts/MetricChoice';
import { category, dash } from '../../charts/palette';
import { Button, ButtonLink } from '../../design/Button';
import { Icon } from '../../design/Icon';
import { Empty, Loaded, Problem, Waiting } from '../../design/Messages';
import { Card, Page } from '../../design/Page';
import { SaveView } from '../views/SaveView';
import { useTheme } from '../../design/theme';
import { DifferencesCard } from './DifferencesCard';
import { PairsCard } from './PairsCard';

/** Maximum number of trials in a comparison: as many as there are distinguishable line styles. */
const most = 10;

/** Two to ten trials side by side: differences, curves, and values paired by seed. */
export default function ComparePage() {
  const [search, setSearch] = useSearchParams();
  const ids = [...new Set(search.getAll('trial'))].slice(0, most);
  const set = (next: readonly string[]): void =>
    setSearch((now) => {
      const changed = new URLSearchParams(now);
      changed.delete('trial');
      for (const id of next) changed.append('trial', id);
      return changed;
    });
  return (
    <Page
      title="Compare trials"
      about="Differences, curves, and values paired by seed"
      actions={ids.length > 1 && <SaveView suggestion={`Comparison of ${ids.length} trials`} />}
    >
      <Chosen ids={ids} set={set} />
      {ids.length < 2 ? (
        <div className="card">
          <Empty title={ids.length === 0 ? 'No trials selected' : 'Select one more trial'}>
            <p>Select rows in a leaderboard and press Compare, or add trials by ID above.</p>
            <ButtonLink to="/board">Team leaderboard</ButtonLink>
          </Empty>
        </div>
      ) : (
        <Compared ids={ids} />
      )}
    </Page>
  );
}

function Chosen({ ids, set }: { ids: readonly string[]; set: (ids: readonly string[]) => void }) {
  const theme = useTheme();
  const [text, setText] = useState('');
  const add = (event: FormEvent): void => {
    event.preventDefault();
    const id = text.trim();
    if (id && !ids.includes(id)) set([...ids, id]);
    setText('');
  };
  return (
    <div className="row">
      <ul className="row" aria-label="Compared trials">
        {ids.map((id, index) => (
          <li key={id} className="chip">
            <svg width="16" height="6" aria-hidden="true">
              <path
                d="M0 3h16"
                stroke={category(theme, index)}
                strokeWidth="3"
                strokeDasharray={dash(index)?.join(' ')}
              />
            </svg>
            <Link to={`/trials/${id}`} className="mono">
              {id}
            </Link>
            <button
              type="button"
              aria-label={`Remove trial ${id}`}
              onClick={() => set(ids.filter((one) => one !== id))}
            >
              <Icon name="close" />
            </button>
          </li>
        ))}
      </ul>
      {ids.length < most && (
        <form className="row" onSubmit={add}>
          <input
            aria-label="Trial ID"
            placeholder="trial ID"
            size={14}
            value={text}
            onChange={({ target }) => setText(target.value)}
          />
          <Button type="submit" disabled={text.trim() === ''}>
            Add
          </Button>
        </form>
      )}
    </div>
  );
}

function Compared({ ids }: { ids: readonly string[] }) {
  const queries = useQueries({ queries: ids.map((id) => trialQuery(id)) });
  const trials = queries.flatMap(({ data }) => (data ? [data] : []));
  const error = queries.find((query) => query.error)?.error;
  if (error) return <Problem error={error} />;
  if (trials.length < ids.length) return <Waiting what="Loading trials" />;
  return (
    <>
      <DifferencesCard trials={trials} />
      <CurvesCard trials={trials} />
      <PairsCard trials={trials} />
    </>
  );
}

function CurvesCard({ trials }: { trials: readonly TrialView[] }) {
  const theme = useTheme();
  const [search] = useSearchParams();
  const { metric, smoothing, logarithmic } = readCurveState(search);
  const ids = trials.map(({ id }) => id);
  const query = useQuery(comparedCurvesQuery(ids, metric));
  const items = query.data?.items;
  const key = ids.join();
  const curves = useMemo(() => {
    const order = key.split(',');
    return (items ?? []).map(({ trialId, updates, values, configuration, seed }) => {
      const index = order.indexOf(trialId);
      const label = `${trialId} · configuration ${configuration}, seed ${seed}`;
      return { key: trialId, label, updates, values, colour: category(theme, index), dash: dash(index) };
    });
  }, [items, key, theme]);
  return (
    <Loaded query={query} what="Loading curves">
      {(answer) => (
        <Card
          title="Curves"
          about={`${answer.metric} over updates`}
          actions={
            <>
              <MetricChoice metrics={answer.metrics} metric={answer.metric} />
              <CurveOptions />
            </>
          }
        >
          <Curves
            label={`${answer.metric} of ${curves.length} trials over updates`}
            curves={curves}
            height={360}
            smoothing={smoothing}
            logarithmic={logarithmic}
          />
          <Legend curves={curves} />
        </Card>
      )}
    </Loaded>
  );
}
