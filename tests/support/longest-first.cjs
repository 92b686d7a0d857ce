const { default: Sequencer } = require('@jest/test-sequencer');

/**
 * Seconds of the files that take longest, on an idle machine with two cores. On a machine that has not run them yet Jest
 * would order files by size, and a run would end with one long file on one core.
 */
const seconds = {
  'tests/end-to-end/readme.spec.ts': 250,
  'tests/end-to-end/stack.spec.ts': 200,
  'tests/end-to-end/dashboard.spec.ts': 164,
  'tests/faults/faults.spec.ts': 150,
  'tests/end-to-end/commands.spec.ts': 150,
  'tests/end-to-end/models.spec.ts': 115,
  'tests/end-to-end/dashboard-team.spec.ts': 111,
  'tests/end-to-end/team.spec.ts': 70,
  'verify/conformance/conformance.spec.ts': 70,
  'webgpu/webgpu.spec.ts': 60,
  'tests/end-to-end/departure.spec.ts': 60,
  'tests/integration/search-threads.spec.ts': 55,
  'tasks/forecasting.spec.ts': 33,
  'tests/end-to-end/examples.spec.ts': 33,
  'samplers/failing-space.spec.ts': 33,
  'nn/cells/cells.spec.ts': 32,
  'webgpu/kernels.spec.ts': 31,
  'kernels/src/layers.spec.ts': 28,
  'tasks/tasks.spec.ts': 27,
  'tests/end-to-end/forecasts.spec.ts': 27,
  'tests/integration/studies.spec.ts': 27,
  'tests/integration/archives.spec.ts': 27,
  'tests/end-to-end/clients.spec.ts': 25,
  'loop/checkpoint.spec.ts': 24,
  'tests/integration/access.spec.ts': 24,
  'tests/integration/queue-away.spec.ts': 22,
  'tests/integration/reuse.spec.ts': 21,
  'tests/integration/sweep-edits.spec.ts': 20,
  'checks/fuzz.spec.ts': 18,
  'onnx/onnx.spec.ts': 20,
};

const expected = ({ path }) => Object.entries(seconds).find(([file]) => path.endsWith(file))?.[1] ?? 0;

module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    const known = sorted.filter((test) => test.duration === undefined && expected(test) > 0);
    return [...known.sort((a, b) => expected(b) - expected(a)), ...sorted.filter((test) => !known.includes(test))];
  }
};
