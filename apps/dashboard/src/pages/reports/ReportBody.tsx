import { chartOf, reportParts, type ReportPart } from '@unroll/contracts';
import { lazy, Suspense } from 'react';
import { Link } from 'react-router';
import { Problem, Waiting } from '../../design/Messages';
import { ReportChart } from './ReportChart';

const Markdown = lazy(() => import('../details/Markdown'));

/** The text of a report, with its charts where they stand. */
export function ReportBody({ text }: { text: string }) {
  const parts = reportParts(text);
  return (
    <div className="report">
      {parts.map((part, index) =>
        part.kind === 'text' ? (
          <Suspense key={`text ${index}`} fallback={<p className="prose">{part.text}</p>}>
            <Markdown text={part.text} />
          </Suspense>
        ) : (
          // Whoever writes above a chart does not have it drawn again.
          <Figure key={`${part.address} ${timesBefore(parts, index)}`} chart={part} />
        ),
      )}
    </div>
  );
}

const timesBefore = (parts: readonly ReportPart[], index: number): number => {
  const part = parts[index]!;
  return parts
    .slice(0, index)
    .filter((other) => other.kind === 'chart' && part.kind === 'chart' && other.address === part.address).length;
};

function Figure({ chart: { address, caption } }: { chart: Extract<ReportPart, { kind: 'chart' }> }) {
  const chart = chartOf(address);
  if (!chart)
    return <Problem error={`${address} has no chart: give the address of a sweep, a trial or a leaderboard.`} />;
  return (
    <figure className="report-chart">
      <Suspense fallback={<Waiting what="Loading the chart" />}>
        <ReportChart chart={chart} />
      </Suspense>
      <figcaption className="small muted">
        {caption} <Link to={address}>Open {caption === '' ? 'its page' : 'the page'}</Link>
      </figcaption>
    </figure>
  );
}
