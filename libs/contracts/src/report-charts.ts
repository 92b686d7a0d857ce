import type { LinkTarget } from './links';

/** The charts of a report: lines of its Markdown that are an image whose address is that of a page of the dashboard. */

/** Tabs of a sweep's page that have a chart for reports. */
export const chartTabs = ['leaderboard', 'curves', 'parallel', 'parameters', 'search'] as const;
export type ChartTab = (typeof chartTabs)[number];

/** A chart, as its address names it. */
export interface ReportChart {
  /** What it shows; `target` is a complete id. */
  of: LinkTarget;
  /** Of a sweep: which of its charts. */
  tab: ChartTab;
  /** The query of the address: what is filtered, sorted and smoothed. */
  search: string;
}

const idPattern = /^\/(sweeps|trials)\/([a-z0-9]{8,16})$/;

/** The chart at the address of a page of the dashboard, such as `/sweeps/q7k2m9xa?tab=curves`; null for a page without one. */
export function chartOf(address: string): ReportChart | null {
  const [path = '', search = ''] = address.split(/\?(.*)/s);
  const query = new URLSearchParams(search);
  const target = path === '/board' ? boardOf(query) : ownOf(path);
  const tab = chartTabs.find((each) => each === (query.get('tab') ?? 'leaderboard'));
  return target && tab ? { of: target, tab, search } : null;
}

function boardOf(query: URLSearchParams): LinkTarget | null {
  const [board, metric] = [query.get('board'), query.get('metric')];
  return board && metric ? { kind: 'board', target: board, metric } : null;
}

function ownOf(path: string): LinkTarget | null {
  const [, things, target] = idPattern.exec(path) ?? [];
  return target === undefined ? null : { kind: things === 'sweeps' ? 'sweep' : 'trial', target, metric: null };
}

export type ReportPart =
  | { kind: 'text'; text: string }
  /** `line` counts from 1. */
  | { kind: 'chart'; line: number; caption: string; address: string };

/** A line that is an image whose address is one of this server. */
const chartLine = /^ {0,3}!\[((?:[^\]\\]|\\.)*)\]\((\/[^\s)]*)\)\s*$/;
/** A line that opens or closes a fenced code block (CommonMark 0.31, section 4.5). */
const fenceLine = /^ {0,3}(`{3,}|~{3,})(.*)$/;

/** A report's text as stretches of Markdown and the charts between them. A line within a fenced code block is text. */
export function reportParts(markdown: string): ReportPart[] {
  const parts: ReportPart[] = [];
  let [text, fence] = [[] as string[], ''];
  const end = (): void => {
    if (text.some((line) => line.trim() !== '')) parts.push({ kind: 'text', text: text.join('\n') });
    text = [];
  };
  for (const [index, line] of markdown.split(/\r\n|\n|\r/).entries()) {
    const [, marks = '', info = ''] = fenceLine.exec(line) ?? [];
    const chart = fence === '' ? chartLine.exec(line) : null;
    if (chart) {
      end();
      parts.push({ kind: 'chart', line: index + 1, caption: unescaped(chart[1]!), address: chart[2]! });
      continue;
    }
    if (fence === '') fence = marks;
    else if (marks.startsWith(fence) && info.trim() === '') fence = '';
    text.push(line);
  }
  end();
  return parts;
}

const unescaped = (caption: string): string => caption.replaceAll(/\\([!-/:-@[-`{-~])/g, '$1');
