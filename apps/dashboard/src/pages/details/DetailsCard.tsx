import { lazy, Suspense, useState } from 'react';
import { useMay } from '../../api/use-may';
import { Button } from '../../design/Button';
import { Waiting } from '../../design/Messages';
import { Card } from '../../design/Page';
import { EditDetails, type Described } from './EditDetails';
import { Tags } from './Tags';

// The renderer of Markdown is as large as the rest of a page.
const Markdown = lazy(() => import('./Markdown'));

/** The note and the tags of a sweep or a trial, with a way to change them; nothing for a reader while there are none. */
export function DetailsCard({ of, path, title = 'Note' }: { of: Described; path: string; title?: string }) {
  const [editing, setEditing] = useState(false);
  const submits = useMay('submitter');
  const { note, tags } = of;
  const edit = submits && (
    <Button onClick={() => setEditing(true)}>
      {note ? 'Edit note' : title === 'Note' ? 'Add a note or tags' : title}
    </Button>
  );
  const dialog = editing && <EditDetails of={of} path={path} close={() => setEditing(false)} />;
  if (!note && tags.length === 0)
    return (
      <>
        {edit && <div className="row">{edit}</div>}
        {dialog}
      </>
    );
  return (
    <Card
      title={title}
      about={
        tags.length > 0 && (
          <span className="row tight">
            <Tags tags={tags} />
          </span>
        )
      }
      actions={edit}
    >
      {note ? (
        <Suspense fallback={<Waiting />}>
          <Markdown text={note} />
        </Suspense>
      ) : (
        <p className="muted">No note yet.</p>
      )}
      {dialog}
    </Card>
  );
}
