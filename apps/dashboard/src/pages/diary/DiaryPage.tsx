import type { DiaryEntry } from '@unroll/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useSearchParams } from 'react-router';
import { call } from '../../api/client';
import { diaryQuery, meQuery } from '../../api/queries';
import { sendJson } from '../../api/send-json';
import { useMay } from '../../api/use-may';
import { Button } from '../../design/Button';
import { Empty, Loaded, Problem } from '../../design/Messages';
import { Modal } from '../../design/Modal';
import { Page } from '../../design/Page';
import { useNow } from '../../design/use-now';
import { ago, at } from '../../format/time';
import { WriteWords } from '../details/WriteWords';

const Markdown = lazy(() => import('../details/Markdown'));

/** What the team has tried, found and decided. */
export default function DiaryPage() {
  const [search, setSearch] = useSearchParams();
  const cursor = search.get('cursor') ?? undefined;
  const query = useQuery(diaryQuery(cursor));
  const submits = useMay('submitter');
  const client = useQueryClient();
  return (
    <Page title="Diary" about="What the team has tried, found and decided. Everyone in the team reads it.">
      {submits && cursor === undefined && (
        <div className="card">
          <div className="body">
            <WriteWords
              label="New entry, in Markdown; link a sweep as [name](/sweeps/ID), a trial as [name](/trials/ID)"
              action="Write"
              send={(text) => sendJson<DiaryEntry>('POST', '/v1/diary', { text })}
              done={() => client.invalidateQueries({ queryKey: ['diary'] })}
            />
          </div>
        </div>
      )}
      <Loaded query={query} what="Loading the diary">
        {({ items, nextCursor }) =>
          items.length === 0 ? (
            <div className="card">
              <Empty title="No entries yet">
                <p>Write down what was tried and why, so that nobody has to try it again.</p>
              </Empty>
            </div>
          ) : (
            <>
              {items.map((entry) => (
                <Entry key={entry.id} entry={entry} />
              ))}
              {(nextCursor !== null || cursor !== undefined) && (
                <div className="row">
                  <Button disabled={cursor === undefined} onClick={() => setSearch({})}>
                    Newest
                  </Button>
                  <Button disabled={nextCursor === null} onClick={() => setSearch({ cursor: nextCursor! })}>
                    Older
                  </Button>
                </div>
              )}
            </>
          )
        }
      </Loaded>
    </Page>
  );
}

function Entry({ entry: { id, author, text, createdAt, editedAt } }: { entry: DiaryEntry }) {
  const now = useNow();
  const me = useQuery(meQuery());
  const submits = useMay('submitter');
  const client = useQueryClient();
  const [editing, edit] = useState(false);
  const refresh = () => client.invalidateQueries({ queryKey: ['diary'] });
  const remove = useMutation({ mutationFn: () => call(`/v1/diary/${id}`, { method: 'DELETE' }), onSuccess: refresh });
  const may = submits && (me.data?.member === author || me.data?.role === 'admin');
  return (
    <article className="card" aria-label={`Entry of ${author}, ${at(createdAt)}`}>
      <header>
        <div>
          <h2>{author}</h2>
          <p>
            <time dateTime={createdAt} title={at(createdAt)}>
              {ago(createdAt, now)}
            </time>
            {editedAt && `, edited ${ago(editedAt, now)}`}
          </p>
        </div>
        {may && (
          <div className="row">
            <Button small onClick={() => edit(true)}>
              Edit
            </Button>
            <Button small kind="danger" disabled={remove.isPending} onClick={() => remove.mutate()}>
              Delete
            </Button>
          </div>
        )}
      </header>
      <div className="body">
        {remove.error && <Problem error={remove.error} />}
        <Suspense fallback={<p>{text}</p>}>
          <Markdown text={text} />
        </Suspense>
      </div>
      {editing && (
        <Modal title="Edit the entry" close={() => edit(false)}>
          <WriteWords
            label="Entry, in Markdown"
            action="Save"
            text={text}
            send={(changed) => sendJson<DiaryEntry>('PATCH', `/v1/diary/${id}`, { text: changed })}
            done={() => {
              edit(false);
              return refresh();
            }}
          />
        </Modal>
      )}
    </article>
  );
}
