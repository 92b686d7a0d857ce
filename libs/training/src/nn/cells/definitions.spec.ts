import { cellNames, cells, modelSpec } from '@unroll/contracts';
import { getCell } from './cells';

const recurrent = cellNames.filter((name) => name !== 'transformer');

describe.each(recurrent)('the cell %s', (name) => {
  const definition = cells[name];
  const nonlinearities = definition.options.includes('nonlinearity')
    ? (['tanh', 'relu'] as const)
    : (['tanh'] as const);

  it.each(nonlinearities)('is what its definition says, with %s', (nonlinearity) => {
    const cell = getCell({ ...modelSpec.parse({}), cell: name, nonlinearity });
    expect(cell.name.startsWith(name)).toBe(true);
    expect(cell.states).toBe(definition.states.length);
    expect(cell.recurrence).toBe(definition.recurrence === 'matrix' ? 'kernel' : definition.recurrence);
    const hasForgetBias = cell.forgetBlock !== undefined || cell.own?.some(({ isForgetBias }) => isForgetBias) === true;
    expect(hasForgetBias).toBe(definition.hasForgetGate);
    if (definition.options.includes('parallelScan')) expect(cell.scan).toBeDefined();
    if (definition.isPadded) expect(cell.zeroPreserving).toBe(true);
  });
});
