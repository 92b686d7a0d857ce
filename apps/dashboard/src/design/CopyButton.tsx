import { useState } from 'react';
import { Button } from './Button';
import { Icon } from './Icon';

export function CopyButton({ text, what = 'Copy' }: { text: string; what?: string }) {
  const [said, say] = useState<string | null>(null);
  const copy = async (): Promise<void> => {
    // Without https a browser may keep its clipboard to itself.
    await navigator.clipboard.writeText(text).then(
      () => say('Copied'),
      () => say('The browser does not allow it: mark the text and copy it'),
    );
    setTimeout(() => say(null), 2_000);
  };
  return (
    <Button small onClick={() => void copy()}>
      <Icon name="copy" />
      <span aria-live="polite">{said ?? what}</span>
    </Button>
  );
}
