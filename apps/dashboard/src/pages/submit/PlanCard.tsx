import type { SweepPlan } from '@unroll/contracts';
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import { call } from '../../api/client';
import { workersQuery } from '../../api/queries';
import { Loaded, Problem } from '../../design/Messages';
import { Card, Facts } from '../../design/Page';
import { count, counted, none } from '../../format/number';
import { parametersText } from '../../format/parameters';
import { duration } from '../../format/time';

const planQuery = (text: string) =>
  queryOptions({
    queryKey: ['plan', text],
    queryFn: ({ signal }) =>
      call<SweepPlan>('/v1/sweeps', {
        method: 'POST',
        query: { dryRun: true },
        body: text,
        headers: { 'content-type': 'application/yaml' },
        signal,
      }),
    placeholderData: keepPreviousData,
    retry: false,
  });

/** The plan and cost estimate of the sweep before it is submitted, from a dry run of the API. */
export function PlanCard({ text, valid }: { text: string; valid: boolean }) {
  const query = useQuery({ ...planQuery(text), enabled: valid });
  if (!valid) return null;
  return (
    <Card title="Estimate" about="From a dry run; nothing is submitted yet">
      {query.error ? (
        <Problem error={query.error} />
      ) : (
        <Loaded query={query} what="Planning">
          {(plan) => <Plan plan={plan} />}
        </Loaded>
      )}
    </Card>
  );
}

function fleetNote(trainers: number | undefined): string | undefined {
  if (trainers === undefined) return undefined;
  return trainers === 0 ? 'no workers connected' : `with ${counted(trainers, 'trainer')}`;
}

function Plan({
  plan: { sampler, why, configurations, seeds, trials, limit, warning, examples, estimate },
}: {
  plan: SweepPlan;
}) {
  const workers = useQuery(workersQuery());
  const trainers = workers.data?.items.reduce((sum, { slots }) => sum + slots, 0);
  const { seconds, updates, basis } = estimate;
  return (
    <div className="stack">
      <Facts
        items={[
          {
            name: 'Trials',
            value: count(trials),
            note: limit ?? `${counted(configurations, 'configuration')} × ${counted(seeds, 'repeat')}`,
          },
          {
            name: 'Updates',
            value: count(updates),
            note: updates === null ? 'depends on the number of epochs' : 'if none is stopped early',
          },
          { name: 'Trainer time', value: duration(seconds), note: basis },
          {
            name: 'On this fleet',
            value: seconds === null || !trainers ? none : `about ${duration(seconds / trainers)}`,
            note: fleetNote(trainers),
          },
        ]}
      />
      <p>
        Search: <strong>{sampler}</strong>
        {why && <span className="muted">. {why}</span>}
      </p>
      {warning && <p role="status">{warning}.</p>}
      {examples.length > 0 && (
        <details>
          <summary>First trials</summary>
          <ol className="examples">
            {examples.map(({ configuration, seed, parameters }) => (
              <li key={`${configuration}/${seed}`}>
                <span className="number muted">{configuration}</span>{' '}
                {parametersText(parameters) || 'no searched parameters'}
              </li>
            ))}
          </ol>
        </details>
      )}
    </div>
  );
}
