import type { TeamReport } from '@unroll/contracts';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useParams, useSearchParams } from 'react-router';
import { isByLink } from '../../api/key';
import { reportQuery } from '../../api/queries';
import { sendJson } from '../../api/send-json';
import { useMay } from '../../api/use-may';
import { Button } from '../../design/Button';
import { Empty, Loaded } from '../../design/Messages';
import { Page } from '../../design/Page';
import { useNow } from '../../design/use-now';
import { ago, at } from '../../format/time';
import { ArchiveButton } from '../details/ArchiveButton';
import { Share } from '../links/Share';
import { ReportBody } from './ReportBody';
import { ReportEditor } from './ReportEditor';

const crumbs = () => (isByLink() ? [] : [{ to: '/reports', label: 'Reports' }]);

/** One report: its text and charts, or with `?edit`, its editor. */
export default function ReportPage() {
  const { id = '' } = useParams();
  const [search, setSearch] = useSearchParams();
  const query = useQuery(reportQuery(id));
  const submits = useMay('submitter');
  if (!query.data)
    return (
      <Page title="Report" crumbs={crumbs()}>
        <Loaded query={query} what="Loading the report">
          {() => null}
        </Loaded>
      </Page>
    );
  if (search.has('edit') && submits) return <Editing report={query.data} leave={() => setSearch({})} />;
  return <Reading report={query.data} edit={() => setSearch({ edit: '' })} />;
}

function Reading({ report, edit }: { report: TeamReport; edit: () => void }) {
  const now = useNow();
  const submits = useMay('submitter');
  const { id, title, text, author, createdAt, editor, editedAt, archived } = report;
  return (
    <Page
      title={title}
      crumbs={crumbs()}
      beside={archived && <span className="chip">archived</span>}
      about={
        <>
          By {author}, <time title={at(createdAt)}>{ago(createdAt, now)}</time>
          {editedAt && (
            <>
              {' '}
              · changed by {editor}, <time title={at(editedAt)}>{ago(editedAt, now)}</time>
            </>
          )}
        </>
      }
      actions={
        submits && (
          <>
            <Button onClick={edit}>Edit</Button>
            <Share
              of={{ report: id }}
              what="this report and the sweeps, trials and leaderboards that its charts show"
            />
            <Archive report={report} />
          </>
        )
      }
    >
      {text.trim() === '' ? (
        <div className="card">
          <Empty title="Nothing written yet" />
        </div>
      ) : (
        <ReportBody text={text} />
      )}
    </Page>
  );
}

function Archive({ report: { id, archived } }: { report: TeamReport }) {
  const client = useQueryClient();
  const change = async (next: boolean): Promise<void> => {
    const saved = await sendJson<TeamReport>('PATCH', `/v1/reports/${id}`, { archived: next });
    client.setQueryData(reportQuery(id).queryKey, saved);
    await client.invalidateQueries({ queryKey: ['reports'] });
  };
  return <ArchiveButton archived={archived} change={change} />;
}

function Editing({ report, leave }: { report: TeamReport; leave: () => void }) {
  const client = useQueryClient();
  // What was read when the editor opened: a change that others saved meanwhile is not overwritten.
  const [{ id, title, text, version }] = useState(report);
  return (
    <Page title={`Edit ${title}`} crumbs={[...crumbs(), { to: `/reports/${id}`, label: title }]}>
      <ReportEditor
        title={title}
        text={text}
        save={async (changed) => {
          const saved = await sendJson<TeamReport>('PATCH', `/v1/reports/${id}`, { ...changed, version });
          client.setQueryData(reportQuery(id).queryKey, saved);
          await client.invalidateQueries({ queryKey: ['reports'] });
          leave();
        }}
        cancel={leave}
      />
    </Page>
  );
}
