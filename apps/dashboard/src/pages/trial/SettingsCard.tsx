import type { TrialView } from '@unroll/contracts';
import { stringify } from 'yaml';
import { CopyButton } from '../../design/CopyButton';
import { Card } from '../../design/Page';
import { leaves, parameterText } from '../../format/parameters';

/** The parameters sampled for the trial, followed by all other settings. */
export function SettingsCard({ trial: { parameters, spec } }: { trial: TrialView }) {
  const drawn = Object.entries(parameters);
  const rest = leaves(spec).filter(([path]) => !(path in parameters));
  return (
    <Card
      title="Parameters"
      about={drawn.length > 0 ? 'Sampled for this trial' : 'No parameters were sampled'}
      actions={<CopyButton text={stringify(spec, { lineWidth: 0 })} what="Copy as YAML" />}
    >
      <dl className="pairs">
        {drawn.map(([path, value]) => (
          <Pair key={path} path={path} value={value} drawn />
        ))}
      </dl>
      <details>
        <summary>All other settings, including defaults</summary>
        <dl className="pairs">
          {rest.map(([path, value]) => (
            <Pair key={path} path={path} value={value} />
          ))}
        </dl>
      </details>
    </Card>
  );
}

function Pair({ path, value, drawn = false }: { path: string; value: unknown; drawn?: boolean }) {
  return (
    <div className={drawn ? 'drawn' : undefined}>
      <dt>{path}</dt>
      <dd className="number">{parameterText(value)}</dd>
    </div>
  );
}
