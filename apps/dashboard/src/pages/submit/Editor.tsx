import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { defaultHighlightStyle, HighlightStyle, indentOnInput, syntaxHighlighting } from '@codemirror/language';
import { linter, lintGutter, lintKeymap } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import type { FieldError } from '@unroll/contracts';
import { tags } from '@lezer/highlight';
import { useEffect, useRef } from 'react';
import { complete } from './completion';
import { locate } from './locate';

interface EditorProps {
  initial: string;
  /** Validates the text. */
  check: (text: string) => readonly FieldError[];
  onChange: (text: string) => void;
}

/** YAML colours from the page's palette. */
const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--accent)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--running)' },
  { tag: [tags.string, tags.content], color: 'var(--ink)' },
  { tag: tags.comment, color: 'var(--muted)', fontStyle: 'italic' },
]);

/** A YAML editor with validation and completion from the contract. Tab moves the focus out; Ctrl-Space completes. */
export function Editor({ initial, check, onChange }: EditorProps) {
  const place = useRef<HTMLDivElement>(null);
  const changed = useRef(onChange);
  changed.current = onChange;
  useEffect(() => {
    const lint = linter(
      ({ state: { doc } }) => {
        const text = doc.toString();
        return check(text).map(({ path, message }) => ({
          ...locate(text, path),
          severity: 'error' as const,
          message: path ? `${path}: ${message}` : message,
        }));
      },
      { delay: 200 },
    );
    const view = new EditorView({
      parent: place.current!,
      state: EditorState.create({
        doc: initial,
        extensions: [
          ...[lineNumbers(), lintGutter(), history(), drawSelection(), indentOnInput(), closeBrackets()],
          ...[
            highlightActiveLine(),
            yaml(),
            syntaxHighlighting(colours),
            syntaxHighlighting(defaultHighlightStyle, { fallback: true }),
          ],
          ...[autocompletion({ override: [complete] }), lint],
          keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...completionKeymap, ...lintKeymap]),
          EditorView.contentAttributes.of({ 'aria-label': 'Sweep in YAML', tabindex: '0' }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) changed.current(update.state.doc.toString());
          }),
        ],
      }),
    });
    return () => view.destroy();
  }, [initial, check]);
  return <div ref={place} className="editor" />;
}
