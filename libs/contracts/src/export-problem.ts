import { cellNames, cells } from './cells';
import { taskKinds, tasks } from './tasks';
import type { TrialSpec } from './trial-spec';
import type { FieldError } from './validation';

/** A graph scales all windows alike, and answers with its output alone. */
function forecastProblem({
  target,
  normalise,
  transform,
  reference,
  lags,
  known,
  calendar,
  categories,
  autoregression,
  loss,
}: Extract<TrialSpec['task'], { kind: 'forecasting' }>): FieldError | undefined {
  const cannot = (key: string, what: string): FieldError => ({
    path: `task.${key}`,
    message: `a forecast with ${what} cannot be exported to ONNX`,
  });
  if (Array.isArray(target) && target.length > 1) return cannot('target', 'several targets');
  if (normalise === 'window') return cannot('normalise', 'normalise: window');
  if (transform !== 'none') return cannot('transform', `transform: ${transform}`);
  if (reference !== 'none') return cannot('reference', `reference: ${reference}`);
  if (autoregression > 0) return cannot('autoregression', 'a linear layer beside the network');
  if (known.length > 0) return cannot('known', 'known future inputs');
  if (calendar.length > 0) return cannot('calendar', 'calendar features');
  if (categories.length > 0) return cannot('categories', 'categories');
  if (lags.length > 0) return cannot('lags', 'lags');
  if (typeof loss === 'object' && !('expression' in loss)) return cannot('loss', 'quantiles or a distribution');
  return undefined;
}

/** Why a trial's model cannot be exported to ONNX: the key at fault. Undefined where it can. */
export function exportProblem({ task, model }: Pick<TrialSpec, 'task' | 'model'>): FieldError | undefined {
  if (!tasks[task.kind].isExportable) {
    const able = taskKinds.filter((kind) => tasks[kind].isExportable);
    return { path: 'task.kind', message: `a ${task.kind} cannot be exported to ONNX; ${able.join(', ')} can` };
  }
  if (cells[model.cell].onnx === undefined) {
    const able = cellNames.filter((cell) => cells[cell].onnx !== undefined);
    return {
      path: 'model.cell',
      message: `ONNX has no operator for the cell ${model.cell}; it has one for ${able.join(', ')}`,
    };
  }
  if (task.kind === 'forecasting') {
    const problem = forecastProblem(task);
    if (problem) return problem;
  }
  if (model.batchNorm)
    return { path: 'model.batchNorm', message: 'a network with batch normalisation cannot be exported to ONNX' };
  if (model.zoneout > 0)
    return {
      path: 'model.zoneout',
      message: 'a network with zoneout cannot be exported to ONNX: its states are means',
    };
  if (tasks[task.kind].reads === 'stream' && model.learnedInitialState)
    return {
      path: 'model.learnedInitialState',
      message: 'a language model with a learned initial state cannot be exported to ONNX, which reads the state',
    };
  return undefined;
}
