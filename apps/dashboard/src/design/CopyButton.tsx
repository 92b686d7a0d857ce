import { useState } from 'react';
import { Button } from './Button';
import { Icon } from './Icon';

export function CopyButton({ text, what = 'Copy' }: { text: string; what?: string }) {
  const [said, say] = useState<string | null>(null);
  const copy = async (): Promise<void> => {
    // Browsers may refuse clipboard access without HTTPS.
    await navigator.clipboard.writeText(text).then(
      () => say('Copied'),
      () => say('Clipboard blocked: select the text and copy it'),
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
