import { sweepSpec, validate } from '@unroll/contracts';
import { structuralDimensions } from './structure';

describe('the dimensions that lanes must share', () => {
  it('include a list of which a single option has another network', () => {
    const options = Array.from({ length: 20 }, (_, index) => ({ kind: 'adam', beta1: 0.5 + index / 50 }));
    for (const rare of [0, 7, 12]) {
      const optimizer = { choice: options.with(rare, { kind: 'adam', beta1: 0.99 }) };
      const choice = options.map((_, index) => ({ cell: index === rare ? 'lstm' : 'gru', dropout: index / 50 }));
      const spec = validate(sweepSpec, {
        ...{ dataset: 'a', task: 'language-model', model: { choice }, training: { optimizer } },
      });
      expect([...structuralDimensions(spec)]).toEqual([0]);
    }
  });
});
