import { isStudyTrial, precisionOf, type TrialView } from '@unroll/contracts';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useParams } from 'react-router';
import { save } from '../../api/client';
import { isByLink } from '../../api/key';
import { meQuery, sweepQuery, trialQuery } from '../../api/queries';
import { Button, ButtonLink } from '../../design/Button';
import { Icon } from '../../design/Icon';
import { Loaded, Problem } from '../../design/Messages';
import { Facts, Page } from '../../design/Page';
import { State } from '../../design/State';
import { count, number } from '../../format/number';
import { at, duration } from '../../format/time';
import { useMay } from '../../api/use-may';
import { DetailsCard } from '../details/DetailsCard';
import { Share } from '../links/Share';
import { Retry } from '../sweep/ProblemsTab';
import { AttemptsCard } from './AttemptsCard';
import { ClassesCard } from './ClassesCard';
import { ForecastCard } from './ForecastCard';
import { GradientCard } from './GradientCard';
import { PiecesCard } from './PiecesCard';
import { Pin } from './Pin';
import { PromptCard } from './PromptCard';
import { Register, RegisteredAs } from './Register';
import { ReviewsCard } from './ReviewsCard';
import { SamplesCard } from './SamplesCard';
import { ScheduleCard } from './ScheduleCard';
import { SettingsCard } from './SettingsCard';
import { StatesCard } from './StatesCard';
import { TagsCard } from './TagsCard';
import { TrialCurves } from './TrialCurves';
import { WritingCard } from './WritingCard';

/** One trial: its results, settings and attempts. */
export default function TrialPage() {
  const { id = '' } = useParams();
  const query = useQuery(trialQuery(id));
  if (query.data) return <Trial trial={query.data} />;
  return (
    <Page title={`Trial ${id}`} crumbs={crumbsOf()}>
      <Loaded query={query} what="Loading the trial">
        {() => null}
      </Loaded>
    </Page>
  );
}

function Trial({ trial }: { trial: TrialView }) {
  const { data: me } = useQuery(meQuery());
  // The link of a trial does not show its sweep.
  const sweep = useQuery({ ...sweepQuery(trial.sweepId), enabled: me !== undefined && me.link?.kind !== 'trial' });
  const { id, state, configuration, seed, message } = trial;
  const goal = sweep.data?.objective;
  const isStudy = isStudyTrial(trial);
  return (
    <Page
      title={`Trial ${id}`}
      crumbs={crumbsOf(sweep.data)}
      beside={<State state={state} />}
      about={`Configuration ${configuration}, seed ${seed}${trial.pinned ? ', the baseline of its board' : ''}`}
      actions={<Actions trial={trial} />}
    >
      {!isByLink() && <RegisteredAs trialId={id} />}
      {message && <div className={`message tone-${toneOf(state)}`}>{message}</div>}
      <Facts
        items={[
          {
            name: goal?.metric ?? 'Value',
            value: number(trial.value),
            note: goal && `${goal.use} report, ${goal.goal}`,
          },
          { name: isStudy ? 'Steps' : 'Updates', value: count(trial.updates) },
          {
            name: 'Training time',
            value: duration(trial.seconds),
            note: [origin(trial), ...validationShare(trial)].join(', '),
          },
          ...(isStudy ? [] : machine(trial)),
        ]}
      />
      <div className="details">
        <DetailsCard of={trial} path={`/v1/trials/${id}`} />
        <DetailsCard
          of={{ note: trial.configurationNote, tags: trial.configurationTags }}
          path={`/v1/trials/${id}/configuration`}
          title="Note on the configuration"
        />
        <ReviewsCard trialId={id} />
      </div>
      <TrialCurves id={id} state={state} isStudy={isStudy} />
      <ScheduleCard trial={trial} />
      <PromptCard trial={trial} />
      <Outputs id={id} />
      <div className="columns">
        <SettingsCard trial={trial} />
        <SamplesCard id={id} last={trial.sample} />
      </div>
      <GradientCard id={id} />
      <AttemptsCard id={id} isStudy={isStudy} />
    </Page>
  );
}

/** What the task makes; each only where it does. */
const Outputs = ({ id }: { id: string }) => (
  <>
    <ForecastCard id={id} />
    <ClassesCard id={id} />
    <TagsCard id={id} />
    <WritingCard id={id} />
    <PiecesCard id={id} />
    <StatesCard id={id} />
  </>
);

/** What can be done with a trial; by a link, nothing. */
function Actions({ trial }: { trial: TrialView }) {
  const submits = useMay('submitter');
  const { id, state } = trial;
  return (
    <>
      {!isByLink() && (
        <ButtonLink to={`/compare?trial=${id}`}>
          <Icon name="compare" />
          Compare
        </ButtonLink>
      )}
      {submits && <Share of={{ trial: id }} what={`the trial ${id}`} />}
      <Pin trial={trial} />
      {state === 'failed' && <Retry id={id} />}
      {!isStudyTrial(trial) && !isByLink() && <Register trial={trial} />}
      {!isStudyTrial(trial) && !isByLink() && <DownloadModel trial={trial} />}
    </>
  );
}

const crumbsOf = (sweep?: { id: string; name: string }) => [
  ...(isByLink() ? [] : [{ to: '/sweeps', label: 'Sweeps' }]),
  ...(sweep ? [{ to: `/sweeps/${sweep.id}`, label: sweep.name }] : []),
];

const toneOf = (state: string): string => (state === 'failed' || state === 'diverged' ? state : 'idle');

/** When a trial was started, or which earlier one its result is. */
const origin = ({ reusedFrom, startedAt }: TrialView): string =>
  reusedFrom ? `reused from trial ${reusedFrom}` : startedAt ? `started ${at(startedAt)}` : 'not started';

/** On what it was trained. Of a study nothing is known of it: its training code is elsewhere. */
const machine = (trial: TrialView) => [
  { name: 'Engine', value: trial.engine ?? '–', note: company(trial) },
  { name: 'Data', value: <code>{trial.datasetFingerprint?.slice(0, 12) ?? '–'}</code>, note: 'fingerprint' },
];

/** What a worker trained it among, and how. */
const company = (trial: TrialView): string | undefined =>
  trial.lanes === null ? undefined : `${count(trial.lanes)} lanes side by side, ${precisionOf(trial.spec)}`;

/** How much of its time its validation took, once it has ended. */
const validationShare = ({ seconds, validationSeconds }: TrialView): string[] =>
  seconds && validationSeconds !== null ? [`${Math.round((100 * validationSeconds) / seconds)} % validation`] : [];

function DownloadModel({ trial: { id, state } }: { trial: TrialView }) {
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  if (state !== 'completed' && state !== 'pruned') return null;
  const load = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    await save(`/v1/trials/${id}/model`, `${id}.safetensors`).catch(setError);
    setBusy(false);
  };
  return (
    <>
      <Button disabled={busy} onClick={() => void load()}>
        <Icon name="download" />
        {busy ? 'Downloading …' : 'Model'}
      </Button>
      {error !== null && <Problem error={error} />}
    </>
  );
}
