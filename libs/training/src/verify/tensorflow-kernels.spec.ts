import { openEngine } from '../backends/open-engine';
import { replaceKernels, tf } from '../tensor/tfjs';
import { describeGpu, reason } from '../testing/webgpu.fixture';
import { kernelCases, verifyKernels } from './tensorflow-kernels';

describeGpu(`the kernels of TensorFlow.js on a GPU${reason}`, () => {
  it('give what they give on the engine cpu, for every type of number', async () => {
    const verifications = await verifyKernels(await openEngine('webgpu'));
    expect(verifications.filter(({ passed }) => !passed)).toEqual([]);
    expect(verifications).toHaveLength(kernelCases.length);
    expect(kernelCases.length).toBeGreaterThan(90);
    expect(tf.getBackend()).toBe('webgpu');
  });

  const withTranspose = async (compute: (given: never) => unknown) => {
    const engine = await openEngine('webgpu');
    const before = tf.getKernel('Transpose', 'webgpu').kernelFunc;
    replaceKernels('webgpu', { Transpose: compute });
    const failed = (await verifyKernels(engine)).filter(({ passed }) => !passed);
    replaceKernels('webgpu', { Transpose: before });
    return failed.map((each) => [each.case, each.error, each.worst]);
  };
  interface Given {
    inputs: { x: { dtype: string; shape: number[] } };
    attrs: { perm: number[] };
  }

  it('are found where one leaves zeros for whole numbers', async () => {
    const failed = await withTranspose(({ inputs: { x }, attrs: { perm } }: Given) =>
      x.dtype === 'int32'
        ? tf.zeros(
            perm.map((from) => x.shape[from]!),
            'int32',
          )
        : undefined,
    );
    expect(failed).toContainEqual(['TensorFlow.js: transpose of four, int32', 1, 'its values']);
    expect(failed.every(([name]) => String(name).endsWith('int32'))).toBe(true);
  });

  it('are found where one fails, with its reason', async () => {
    const failed = await withTranspose(() => {
      throw new Error('no such shader');
    });
    expect(failed).toContainEqual(['TensorFlow.js: transpose of many, bool', Infinity, 'no such shader']);
  });
});
