import type { Review } from '@unroll/contracts';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { reviewsQuery } from '../../api/queries';
import { sendJson } from '../../api/send-json';
import { useMay } from '../../api/use-may';
import { Button } from '../../design/Button';
import { Modal } from '../../design/Modal';
import { Card } from '../../design/Page';
import { useNow } from '../../design/use-now';
import { ago, at } from '../../format/time';
import { WriteWords } from '../details/WriteWords';

const Markdown = lazy(() => import('../details/Markdown'));

const words = { approve: 'Approve', question: 'Question' } as const;

/** What colleagues say of a trial's configuration. */
export function ReviewsCard({ trialId }: { trialId: string }) {
  const client = useQueryClient();
  const query = useQuery(reviewsQuery(trialId));
  const submits = useMay('submitter');
  const [verdict, write] = useState<Review['verdict'] | null>(null);
  const items = query.data?.items ?? [];
  const ask = (['approve', 'question'] as const).map((each) => (
    <Button key={each} small={items.length > 0} onClick={() => write(each)}>
      {items.length > 0 ? words[each] : `${words[each]} the configuration`}
    </Button>
  ));
  const dialog = verdict && (
    <Modal title={`${words[verdict]} this configuration`} close={() => write(null)}>
      <WriteWords
        label={verdict === 'approve' ? 'Why, in Markdown (not needed)' : 'What is to be answered, in Markdown'}
        action={words[verdict]}
        optional={verdict === 'approve'}
        send={(text) => sendJson<Review>('POST', `/v1/trials/${trialId}/reviews`, { verdict, text })}
        done={() => {
          write(null);
          return client.invalidateQueries({ queryKey: ['trial', trialId, 'reviews'] });
        }}
      />
    </Modal>
  );
  // Nothing is to be read yet: what can be written stands beside the notes that can be.
  if (items.length === 0)
    return (
      submits && (
        <>
          {ask}
          {dialog}
        </>
      )
    );
  return (
    <Card title="Reviews" about="Of the configuration, which all its seeds share" actions={submits && ask}>
      <ul className="stack">
        {items.map((review) => (
          <Shown key={review.id} review={review} />
        ))}
      </ul>
      {dialog}
    </Card>
  );
}

function Shown({ review: { author, verdict, text, createdAt } }: { review: Review }) {
  const now = useNow();
  return (
    <li>
      <strong>{verdict === 'approve' ? `${author} approves` : `${author} asks`}</strong>{' '}
      <time className="muted small" dateTime={createdAt} title={at(createdAt)}>
        {ago(createdAt, now)}
      </time>
      {text !== '' && (
        <Suspense fallback={<p>{text}</p>}>
          <Markdown text={text} />
        </Suspense>
      )}
    </li>
  );
}
