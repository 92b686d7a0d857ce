import { exportProblem, type Precision } from '@unroll/contracts';
import { prepare, toReading, type PreparedData } from '@unroll/datasets';
import type { Engine } from '../../backends/engine/engine';
import { readCheckpoint, writeCheckpoint } from '../../loop/checkpoint';
import type { LaneReport, LaneResult } from '../../loop/lane-request';
import { train } from '../../loop/train';
import { generate } from '../../models/generate';
import { modelFile, readModel, toModel, type Model } from '../../models/model-file';
import { Network } from '../../models/network';
import { onnxDifference, onnxRuntime, onnxTolerance } from '../../onnx/check';
import { exportOnnx } from '../../onnx/export';
import { initialValues, logicalShape, type Weights } from '../../nn/parameter';
import { taskParameters } from '../../tasks/tasks';
import type { Combination } from './combinations';
import { tinyData } from './data';

/** The update whose checkpoint a run is resumed from. */
const interruptedAt = 2;
const sampleLength = 12;

/** What a training gave, but for its times. */
export interface Training {
  result: Pick<LaneResult, 'state' | 'updates' | 'message' | 'weights' | 'weightsUpdate' | 'metrics' | 'test'>;
  reports: Pick<LaneReport, 'update' | 'metrics' | 'sample'>[];
  /** Of the update at which the run is interrupted; undefined of a resumed run. */
  checkpoint: Uint8Array | undefined;
}

const readData = ({ input, spec }: Combination): PreparedData => prepare(tinyData(input), spec).data;

/** Trains a combination on the current engine: from its start, or resumed from a checkpoint. */
export async function trainCombination(
  combination: Combination,
  engine: Engine,
  checkpoint?: Uint8Array,
  initFrom?: Weights,
): Promise<Training> {
  const reports: Training['reports'] = [];
  let [updates, written]: [number, Uint8Array | undefined] = [0, undefined];
  const request = {
    id: '0',
    spec: combination.spec,
    initFrom,
    checkpoint: checkpoint && readCheckpoint(checkpoint),
  };
  const [lane] = await train([request], readData(combination), {
    engine,
    sampleLength,
    onReport: ({ update, metrics, sample }) => void reports.push({ update, metrics, sample }),
    checkpointDue: () => checkpoint === undefined && ++updates === interruptedAt,
    onCheckpoint: (_, given) => (written = writeCheckpoint(given)),
  });
  const { state, updates: done, message, weights, weightsUpdate, metrics, test } = lane!;
  return {
    result: { state, updates: done, message, weights, weightsUpdate, metrics, test },
    reports,
    checkpoint: written,
  };
}

/** The relative distance of two numbers of each precision that are next to each other. */
const roundings: Record<Precision, number> = { float32: 2 ** -23, bfloat16: 2 ** -7, float16: 2 ** -10 };

/** Trains a combination on the current engine from first weights that are moved by a rounding of this precision, up and down in turn. */
export function trainMoved(combination: Combination, engine: Engine, precision: Precision): Promise<Training> {
  const { spec } = combination;
  const moved = taskParameters(spec, readData(combination)).map((parameter): [string, Weights[string]] => {
    const start = initialValues(parameter, spec.training.seed);
    const values = Float32Array.from(start, (value, at) => value * (1 + (at % 2 ? 1 : -1) * roundings[precision]));
    return [parameter.name, { shape: logicalShape(parameter), values }];
  });
  return trainCombination(combination, engine, undefined, Object.fromEntries(moved));
}

/** The model that a training left, written to a file and read again. */
export function modelOf(combination: Combination, { result }: Training): Model {
  const about = { spec: combination.spec, reading: toReading(readData(combination)), fingerprint: 'tiny' };
  return readModel(
    modelFile(toModel({ id: '0', seconds: 0, validationSeconds: 0, stepsPerSecond: 0, ...result }, about)),
  );
}

/** What a model answers to held-out inputs, or writes after a prompt; undefined for a task that does neither. */
export async function answersOf(combination: Combination, model: Model): Promise<unknown> {
  const network = new Network(model, readData(combination));
  try {
    const { task } = network;
    const start = { prompt: [0, 1], length: sampleLength, temperature: 1, seed: 1 };
    if (task.writer) return [await generate(network, start), await generate(network, { ...start, beam: 2 })];
    return task.answering && (await network.answers());
  } finally {
    network.dispose();
  }
}

/** Exports a model to ONNX and runs the graph, where the contract says that there is one. Returns what is wrong. */
export async function exportFault({ spec }: Combination, model: Model): Promise<string | undefined> {
  if (exportProblem(spec)) return undefined;
  const runtime = onnxRuntime();
  const graph = exportOnnx(model);
  const difference = runtime ? await onnxDifference(graph, model, runtime) : 0;
  return difference <= onnxTolerance ? undefined : `its ONNX graph differs by ${difference.toExponential(1)}`;
}
