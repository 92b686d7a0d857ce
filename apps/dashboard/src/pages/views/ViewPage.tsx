import type { SavedView } from '@unroll/contracts';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { Navigate, useParams } from 'react-router';
import { call } from '../../api/client';
import { Loaded } from '../../design/Messages';
import { Page } from '../../design/Page';

const viewQuery = (id: string) =>
  queryOptions({
    queryKey: ['views', id],
    queryFn: ({ signal }) => call<SavedView>(`/v1/views/${id}`, { signal }),
  });

/** Redirects `/views/ID` to the page that the view saved. */
export default function ViewPage() {
  const { id = '' } = useParams();
  const query = useQuery(viewQuery(id));
  if (query.data) return <Navigate to={query.data.path} replace />;
  return (
    <Page title="Saved view" crumbs={[{ to: '/views', label: 'Saved views' }]}>
      <Loaded query={query} what="Opening the view">
        {() => null}
      </Loaded>
    </Page>
  );
}
