import type { ModelVersionView, RegisteredModel } from '@unroll/contracts';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { modelsQuery } from '../../api/queries';
import { useMay } from '../../api/use-may';
import { DataTable, type Column } from '../../design/DataTable';
import { Empty, Loaded } from '../../design/Messages';
import { Card, Page } from '../../design/Page';
import { useNow } from '../../design/use-now';
import { count, number } from '../../format/number';
import { ago, at } from '../../format/time';
import { DeleteVersion, PointAlias } from './changes';

/** Registered models: each with its versions, newest first, and the aliases that point at them. */
export default function ModelsPage() {
  const query = useQuery(modelsQuery());
  return (
    <Page title="Models" about="Models of trials under names, with versions and aliases such as champion">
      <Loaded query={query} what="Loading models">
        {({ items }) =>
          items.length === 0 ? (
            <div className="card">
              <Empty title="No registered models">
                <p>Open a completed trial and press Register; or run unroll model register best NAME.</p>
              </Empty>
            </div>
          ) : (
            items.map((model) => <Model key={model.name} model={model} />)
          )
        }
      </Loaded>
    </Page>
  );
}

function Model({ model: { name, versions } }: { model: RegisteredModel }) {
  const now = useNow();
  const submits = useMay('submitter');
  const aliased = versions.find(({ aliases }) => aliases.length > 0);
  const handle = aliased ? `${name}@${aliased.aliases[0]}` : name;
  return (
    <Card
      title={name}
      about={
        <>
          {count(versions.length)} {versions.length === 1 ? 'version' : 'versions'}; serve it with{' '}
          <code>unroll serve {handle}</code>
        </>
      }
      flush
    >
      {versions.length === 0 ? (
        <Empty title="No versions">
          <p>All of them were deleted; the next one gets a new number.</p>
        </Empty>
      ) : (
        <DataTable
          caption={`Versions of ${name}`}
          columns={columns(name, now, submits)}
          rows={versions}
          rowKey={({ version }) => String(version)}
        />
      )}
    </Card>
  );
}

const changeColumn = (name: string): Column<ModelVersionView> => ({
  id: 'change',
  header: 'Change',
  hiddenHeader: true,
  numeric: true,
  cell: (version) => (
    <span className="row">
      <PointAlias name={name} version={version.version} />
      <DeleteVersion name={name} version={version} />
    </span>
  ),
});

const columns = (name: string, now: number, submits: boolean): Column<ModelVersionView>[] => [
  {
    id: 'version',
    header: 'Version',
    cell: ({ version, aliases }) => (
      <span className="row">
        {version}
        {aliases.map((alias) => (
          <span key={alias} className="chip">
            {alias}
          </span>
        ))}
      </span>
    ),
  },
  { id: 'trial', header: 'Trial', cell: ({ trialId }) => <Link to={`/trials/${trialId}`}>{trialId}</Link> },
  {
    id: 'value',
    header: 'Value',
    cell: ({ metric, value }) => (
      <span className="named">
        {number(value)}
        <span className="small muted">{metric}</span>
      </span>
    ),
  },
  {
    id: 'task',
    header: 'Task',
    cell: ({ task, dataset }) => (
      <span className="named">
        {task}
        <span className="small muted">{dataset}</span>
      </span>
    ),
  },
  { id: 'note', header: 'Note', cell: ({ note }) => <span className="reason">{note || '–'}</span> },
  {
    id: 'registered',
    header: 'Registered',
    cell: ({ author, createdAt }) => (
      <span className="named">
        {author}
        <time dateTime={createdAt} title={at(createdAt)} className="small muted">
          {ago(createdAt, now)}
        </time>
      </span>
    ),
  },
  ...(submits ? [changeColumn(name)] : []),
];
