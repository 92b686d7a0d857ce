// What a packed folder runs, bundled into one file: node bundle.cjs verify FOLDER | node bundle.cjs lanes [options of npm run bench --
// lanes].
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as contracts from '../../../libs/contracts/src/index';
import * as datasets from '../../../libs/datasets/src/index';
import * as openEngines from '../../../libs/training/src/backends/open-engine';
import { describeAdapters } from '../../../libs/training/src/index';
import * as lane from '../../../libs/training/src/loop/lane';
import * as laneGroup from '../../../libs/training/src/loop/lane-group';
import * as parameter from '../../../libs/training/src/nn/parameter';
import * as languageModel from '../../../libs/training/src/tasks/language-model';
import * as streams from '../../../libs/training/src/batches/streams';
import * as train from '../../../libs/training/src/loop/train';
import { verifyLayers, type LayerTable } from '../../../libs/training/src/verify/layers';
import { verifyKernels } from '../../../libs/training/src/verify/tensorflow-kernels';
import { verifyTraces, type TraceTable } from '../../../libs/training/src/verify/traces';
import { options, printLanes } from '../lanes.bench.mjs';

/** The modules that the benchmark asks for. */
const modules: Record<string, object> = {
  'contracts/src/index': contracts,
  'datasets/src/index': datasets,
  'training/src/backends/open-engine': openEngines,
  'training/src/loop/lane': lane,
  'training/src/loop/lane-group': laneGroup,
  'training/src/nn/parameter': parameter,
  'training/src/tasks/language-model': languageModel,
  'training/src/batches/streams': streams,
  'training/src/loop/train': train,
};

async function verify(folder: string): Promise<void> {
  const engine = await openEngines.openEngine('webgpu');
  const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'));
  for (const { index, name, kind, memory } of await describeAdapters())
    console.log(`GPU ${index}: ${name}, ${kind}, ${(memory / 2 ** 30).toFixed(1)} GiB`);
  const kernels = await verifyKernels(engine);
  const results = [
    ...(await verifyLayers(read('recurrent-layers.json') as LayerTable, engine)),
    ...(await verifyTraces(read('training-traces.json') as TraceTable, engine)),
  ];
  const off = [...kernels, ...results].filter(({ passed }) => !passed);
  for (const each of off) console.log(`OFF: ${each.case}, ${each.error.toExponential(1)} at ${each.worst}`);
  const largest = Math.max(...results.map(({ error }) => error));
  console.log(
    `${engine.device}: ${results.filter(({ passed }) => passed).length} of ${results.length} cases match PyTorch; the largest relative error is ${largest.toExponential(1)}`,
  );
  if (off.length > 0) process.exitCode = 1;
}

async function main([command, ...rest]: string[]): Promise<void> {
  if (command === 'verify') await verify(rest[0] ?? join(__dirname, 'reference'));
  else if (command === 'lanes')
    await printLanes((path) => modules[path]!, 'webgpu', parseArgs({ args: rest, options }).values);
  else throw new Error('node bundle.cjs verify [FOLDER], or lanes [options]');
}

main(process.argv.slice(2)).then(
  () => process.exit(),
  (error: Error) => {
    console.error(error.message);
    process.exit(1);
  },
);
