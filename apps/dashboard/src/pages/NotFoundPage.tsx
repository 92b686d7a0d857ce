import { ButtonLink } from '../design/Button';
import { Empty } from '../design/Messages';
import { Page } from '../design/Page';

export function NotFoundPage() {
  return (
    <Page title="Page not found">
      <div className="card">
        <Empty title="There is no page at this address">
          <p>The address may be incomplete, or its content may have been deleted.</p>
          <ButtonLink to="/sweeps">All sweeps</ButtonLink>
        </Empty>
      </div>
    </Page>
  );
}
