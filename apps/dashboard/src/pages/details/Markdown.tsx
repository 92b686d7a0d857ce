import ReactMarkdown from 'react-markdown';
import remarkGfm from 'remark-gfm';

const plugins = [remarkGfm];

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
