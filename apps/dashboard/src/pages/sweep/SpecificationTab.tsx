import type { SweepView } from '@unroll/contracts';
import { ButtonLink } from '../../design/Button';
import { CopyButton } from '../../design/CopyButton';
import { Card } from '../../design/Page';
import { yaml } from '../../format/yaml';

/** What was submitted, with the defaults that it took. */
export default function SpecificationTab({ sweep }: { sweep: SweepView }) {
  const text = yaml(sweep.spec);
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
