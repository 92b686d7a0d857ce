import type { SweepView } from '@unroll/contracts';
import { isByLink } from '../../api/key';
import { ButtonLink } from '../../design/Button';
import { CopyButton } from '../../design/CopyButton';
import { Card } from '../../design/Page';
import { yaml } from '../../format/yaml';

/** The submitted specification, including defaults. */
export default function SpecificationTab({ sweep }: { sweep: SweepView }) {
  const text = yaml(sweep.spec);
  return (
    <Card
      title="Specification"
      about="As submitted, including defaults"
      actions={
        <>
          <CopyButton text={text} />
          {!isByLink() && (
            <ButtonLink small to={`/submit?from=${sweep.id}`}>
              Use as a template
            </ButtonLink>
          )}
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
