import 'reflect-metadata';
import { readConfig } from '@unroll/config';
import { openArtifacts } from '@unroll/artifacts';
import { restore, save } from './backup';

/** `main.js backup|restore FOLDER`, with the environment of an API: reports to its parent, or prints. */
async function main(): Promise<void> {
  const [what, folder] = process.argv.slice(2) as ['backup' | 'restore', string];
  const { databaseUrl, databaseDirectUrl, artifactsUrl } = readConfig(process.env);
  const store = openArtifacts(artifactsUrl);
  const report = (text: string): void => void process.send?.({ type: 'progress', text });
  const figures = await (what === 'backup' ? save : restore)(databaseDirectUrl ?? databaseUrl, store, folder, report);
  process.send?.({ type: 'done', ...figures });
}

main().catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error);
  process.send?.({ type: 'failed', message: message.split('\n')[0] });
  process.exitCode = 1;
  process.disconnect?.();
});
