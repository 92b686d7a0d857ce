// Pins the base images of the Dockerfile by digest: `node deploy/pin-images.mjs [DOCKERFILE]` asks their registry and writes what it
// answers; `--check` asks nobody, and fails if an image is not pinned. A tag may name another image tomorrow, a digest never does.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const digest = /^sha256:[0-9a-f]{64}$/;
/** An image in the Dockerfile: its argument, its name with the tag, and its digest. */
const pattern = /^ARG (?<argument>\w+_IMAGE)=(?<name>[^\s@]+)(?:@(?<pinned>\S+))?$/gm;

class Unpinned extends Error {}

/** The images of a Dockerfile. @throws Unpinned if it builds on one that no argument names */
function imagesOf(text) {
  const stages = [...text.matchAll(/^FROM \S+ AS (\S+)$/gm)].map(([, stage]) => stage);
  for (const [, from] of text.matchAll(/^FROM (\S+)/gm))
    if (!stages.includes(from) && !/^\$\{\w+_IMAGE\}$/.test(from))
      throw new Unpinned(`the Dockerfile builds on ${from}: name it in an argument such as ARG NODE_IMAGE=...`);
  return [...text.matchAll(pattern)].map(({ groups }) => groups);
}

/** The digest of all platforms of an image, from its registry. buildx ignores a template that is not of JSON. */
function askRegistry(name) {
  const { stdout, stderr, status, error } = spawnSync(
    'docker',
    ['buildx', 'imagetools', 'inspect', name, '--format', '{{json .Manifest.Digest}}'],
    { encoding: 'utf8' },
  );
  const answer = stdout?.trim().replaceAll('"', '');
  if (status !== 0 || !digest.test(answer))
    throw new Unpinned(`no digest of ${name} is to be had: ${error?.message ?? (stderr.trim() || answer)}`);
  return answer;
}

function main([first, second]) {
  const isCheck = first === '--check';
  const path = (isCheck ? second : first) ?? fileURLToPath(new URL('../Dockerfile', import.meta.url));
  const text = readFileSync(path, 'utf8');
  const images = imagesOf(text);
  if (isCheck) {
    for (const { name, pinned } of images)
      if (!digest.test(pinned ?? ''))
        throw new Unpinned(
          `${name} is not pinned by digest: run node deploy/pin-images.mjs, and commit the Dockerfile`,
        );
    return console.log(`${images.length} base images are pinned by digest`);
  }
  const digests = new Map(images.map(({ name }) => [name, askRegistry(name)]));
  const pin = (_, argument, name) => `ARG ${argument}=${name}@${digests.get(name)}`;
  writeFileSync(path, text.replace(pattern, pin));
  for (const [name, found] of digests) console.log(`${name}@${found}`);
}

try {
  main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Unpinned)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
