import { useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'react-router';
import { meQuery } from '../../api/queries';
import { Loaded } from '../../design/Messages';
import { Page } from '../../design/Page';
import { Tabs } from '../../design/Tabs';
import { ActivityTab } from './ActivityTab';
import { KeysTab } from './KeysTab';
import { LinksTab } from './LinksTab';
import { WebhooksTab } from './WebhooksTab';
import { MembersTab } from './MembersTab';

const tabs = [
  { id: 'members', label: 'Members' },
  { id: 'keys', label: 'Keys' },
  { id: 'links', label: 'Links' },
  { id: 'webhooks', label: 'Webhooks' },
  { id: 'activity', label: 'Activity' },
];

/** Who is in the team, their keys, and what each has changed. */
export default function TeamPage() {
  const [search] = useSearchParams();
  const query = useQuery(meQuery());
  const isAdmin = query.data?.role === 'admin';
  const shown = tabs.filter(({ id }) => id !== 'webhooks' || isAdmin);
  const chosen = shown.find(({ id }) => id === search.get('tab'))?.id ?? 'members';
  return (
    <Loaded query={query}>
      {(me) => (
        <Page title={`Team ${me.team}`} about={`You are ${me.member}; your role is ${me.role}.`}>
          <Tabs label="Team sections" tabs={shown} chosen={chosen} />
          {chosen === 'members' && <MembersTab me={me} />}
          {chosen === 'keys' && <KeysTab me={me} />}
          {chosen === 'links' && <LinksTab />}
          {chosen === 'webhooks' && <WebhooksTab />}
          {chosen === 'activity' && <ActivityTab />}
        </Page>
      )}
    </Loaded>
  );
}
