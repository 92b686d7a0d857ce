import type { SweepView } from '@unroll/contracts';
import { stringify } from 'yaml';
import { ButtonLink } from '../../design/Button';
import { CopyButton } from '../../design/CopyButton';
import { Card } from '../../design/Page';

/** What was submitted, with the defaults that it took. */
export default function SpecificationTab({ sweep }: { sweep: SweepView }) {
  const text = stringify(sweep.spec, { lineWidth: 0 });
  return (
    <Card
      title="Specification"
      about="As it was submitted, with the defaults that it took"
      actions={
        <>
          <CopyButton text={text} />
          <ButtonLink small to={`/submit?from=${sweep.id}`}>
            Begin another with it
          </ButtonLink>
        </>
      }
      flush
    >
      <pre className="code" tabIndex={0}>
        {text}
      </pre>
    </Card>
  );
}
