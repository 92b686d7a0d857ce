import ReactMarkdown from 'react-markdown';
import remarkGfm from 'remark-gfm';

const plugins = [remarkGfm];

/** A page has one heading of the first level, its own: those of a text begin below it. */
const headings = { h1: 'h2', h2: 'h3', h3: 'h4', h4: 'h5', h5: 'h6' } as const;

/**
 * Markdown as people wrote it. It becomes elements, never HTML: a tag in it is shown as text, and an address that would run a script is
 * removed. A picture would tell the site that it is on who reads the note: a link stands in its place.
 */
export default function Markdown({ text }: { text: string }) {
  return (
    <div className="prose">
      <ReactMarkdown
        remarkPlugins={plugins}
        components={{
          ...headings,
          img: ({ src, alt }) => <a href={String(src)}>{alt || String(src)}</a>,
          a: ({ href, children }) => (
            <a href={href || undefined} rel="noreferrer">
              {children}
            </a>
          ),
        }}
      >
        {text}
      </ReactMarkdown>
    </div>
  );
}
