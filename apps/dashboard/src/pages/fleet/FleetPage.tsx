import type { WorkerView } from '@unroll/contracts';
import { useQuery } from '@tanstack/react-query';
import { workersQuery } from '../../api/queries';
import { useIsOperator } from '../../api/use-may';
import { DataTable } from '../../design/DataTable';
import { Empty, Loaded } from '../../design/Messages';
import { Card, Facts, Page } from '../../design/Page';
import { useNow } from '../../design/use-now';
import { count, counted, none, number } from '../../format/number';
import { SharesCard } from './SharesCard';
import { workerColumns } from './worker-columns';

/** The connected workers and what each is running. */
export default function FleetPage() {
  const query = useQuery(workersQuery());
  const now = useNow(2_000);
  return (
    <Page title="Fleet" about="The machines that train, for all teams">
      <Loaded query={query} what="Loading workers">
        {({ items }) =>
          items.length === 0 ? (
            <div className="card">
              <Empty title="No workers">
                <p>
                  Trials wait until a worker joins. Run this on each machine, with the fleet's environment variables:
                </p>
                <pre>npx unroll worker</pre>
              </Empty>
            </div>
          ) : (
            <Shown workers={items} now={now} />
          )
        }
      </Loaded>
      <SharesCard />
    </Page>
  );
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function Shown({ workers, now }: { workers: readonly WorkerView[]; now: number }) {
  const isOperator = useIsOperator();
  const live = workers.filter(({ silent }) => !silent);
  const steps = sum(live.map(({ stepsPerSecond }) => stepsPerSecond ?? 0));
  const engines = [...new Set(live.map(({ engine }) => engine))];
  return (
    <>
      <Facts
        items={[
          {
            name: 'Workers',
            value: count(live.length),
            note: [`on ${counted(new Set(live.map(({ host }) => host)).size, 'machine')}`, ...exceptions(workers)].join(
              ', ',
            ),
          },
          { name: 'Trainers', value: count(sum(live.map(({ slots }) => slots))), note: engines.join(', ') },
          { name: 'Running trials', value: count(sum(live.map(({ running, others }) => running.length + others))) },
          { name: 'Updates per second', value: steps > 0 ? number(steps, 3) : none, note: 'across all lanes' },
        ]}
      />
      <Card title="Workers" flush>
        <DataTable caption="Workers" columns={workerColumns(now, isOperator)} rows={workers} rowKey={({ id }) => id} />
      </Card>
    </>
  );
}

/** How many workers are other than they should be. */
const exceptions = (workers: readonly WorkerView[]): string[] =>
  (['silent', 'slow'] as const).flatMap((what) => {
    const number = workers.filter((worker) => worker[what]).length;
    return number === 0 ? [] : [`${count(number)} ${what}`];
  });
