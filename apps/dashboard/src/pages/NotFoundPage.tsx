import { ButtonLink } from '../design/Button';
import { Empty } from '../design/Messages';
import { Page } from '../design/Page';

export function NotFoundPage() {
  return (
    <Page title="Nothing here">
      <div className="card">
        <Empty title="This address leads nowhere">
          <p>It may have been shortened, or what it showed was deleted.</p>
          <ButtonLink to="/sweeps">All sweeps</ButtonLink>
        </Empty>
      </div>
    </Page>
  );
}
