import type { TeamReport } from '@unroll/contracts';
import { useNavigate } from 'react-router';
import { sendJson } from '../../api/send-json';
import { Page } from '../../design/Page';
import { ReportEditor } from './ReportEditor';

/** The beginning of a report. */
export default function NewReportPage() {
  const navigate = useNavigate();
  return (
    <Page title="New report" crumbs={[{ to: '/reports', label: 'Reports' }]}>
      <ReportEditor
        title=""
        text=""
        save={async (report) => {
          const { id } = await sendJson<TeamReport>('POST', '/v1/reports', report);
          await navigate(`/reports/${id}`);
        }}
        cancel={() => void navigate('/reports')}
      />
    </Page>
  );
}
