import type { ShownTags } from '@unroll/contracts';
import { useQuery } from '@tanstack/react-query';
import { diagnosticsQuery } from '../../api/queries';
import { category } from '../../charts/palette';
import { Card } from '../../design/Page';
import { useTheme, type Theme } from '../../design/theme';
import { count } from '../../format/number';

/** Sequences of the validation part with the tags that the network gives their steps; nothing where it gives none. */
export function TagsCard({ id }: { id: string }) {
  const { data } = useQuery(diagnosticsQuery(id));
  const tagged = data?.snapshots?.tagged;
  return tagged && tagged.examples.length > 0 ? <Shown tagged={tagged} /> : null;
}

function Shown({ tagged: { tags, examples } }: { tagged: ShownTags }) {
  const theme = useTheme();
  return (
    <Card
      title="Tags"
      about="Sequences of the validation part, those with the most wrong tags first; with the best weights"
    >
      <ul className="stack">
        {examples.map((example) => (
          <li key={example.place}>
            <p className="muted small">{example.place}</p>
            <p className="tagged">
              {example.found.map((found, step) => (
                <Step
                  key={step}
                  symbol={example.symbols?.[step] ?? count(step + 1)}
                  found={found}
                  right={example.right[step]!}
                  colour={colourOf(theme, tags.indexOf(found))}
                />
              ))}
            </p>
          </li>
        ))}
      </ul>
    </Card>
  );
}

const colourOf = (theme: Theme, tag: number): string => category(theme, tag);

interface StepProps {
  symbol: string;
  found: string;
  right: string;
  colour: string;
}

/** A step over its tag; a wrong one is marked, with the right one beside it. */
const Step = ({ symbol, found, right, colour }: StepProps) => (
  <span className="tagged-step" style={{ borderColor: colour }}>
    <span>{symbol}</span>
    {found === right ? (
      <span className="small muted">{found}</span>
    ) : (
      <span className="small">
        <span className="worse">✗ {found}</span> <span className="muted">right: {right}</span>
      </span>
    )}
  </span>
);
