import {
  modelHeader,
  modelVersion,
  validate,
  ValidationError,
  type DataReading,
  type ModelHeader,
  type TrialSpec,
} from '@unroll/contracts';
import type { Weights } from '../nn/parameter';
import { fromSafetensors, storedToSafetensors, toSafetensors, type Stored } from './safetensors';
import type { LaneResult } from '../loop/lane-request';

/** A trained network, with everything needed to run it on other data. */
export interface Model {
  header: ModelHeader;
  /** Under PyTorch's names, in its layout. */
  weights: Weights;
}

/** The key of the header among a safetensors file's metadata, which are strings. */
const headerKey = 'unroll';

/** The result of a completed lane as a model. Throws Error for a lane without weights. */
export function toModel(
  { weights, weightsUpdate, metrics = {}, test }: LaneResult,
  about: { spec: TrialSpec; reading: DataReading; fingerprint: string; trial?: string | undefined },
): Model {
  if (!weights) throw new Error('a trial that did not complete leaves no model');
  const measured = Object.entries({ ...metrics, ...test }).filter(([, value]) => Number.isFinite(value));
  const { spec, reading, fingerprint, trial } = about;
  return {
    header: {
      ...{ version: modelVersion, spec, reading, fingerprint, update: weightsUpdate ?? 0 },
      metrics: Object.fromEntries(measured),
      ...(trial === undefined ? {} : { trial }),
    },
    weights,
  };
}

/** A model as a safetensors file. */
export const modelFile = ({ header, weights }: Model): Uint8Array =>
  toSafetensors(weights, { [headerKey]: JSON.stringify(header) });

/** The same with weights in their stored form. */
export const storedModelFile = (header: ModelHeader, weights: Record<string, Stored>): Uint8Array =>
  storedToSafetensors(weights, { [headerKey]: JSON.stringify(header) });

/**
 * Reads a model. Throws Error with one line for a file that is not a model, has no header, or has one that this version
 * cannot read.
 */
export function readModel(file: Uint8Array): Model {
  const { weights, metadata } = fromSafetensors(file);
  const text = metadata[headerKey];
  if (text === undefined)
    throw new Error('it holds only weights, not what they were trained for: save the model again with this version');
  return { header: parseHeader(text), weights };
}

function parseHeader(text: string): ModelHeader {
  try {
    return validate(modelHeader, JSON.parse(text));
  } catch (error) {
    const why = error instanceof ValidationError ? error.message : 'it is not JSON';
    throw new Error(`its header cannot be read: ${why}`, { cause: error });
  }
}
