const { default: Sequencer } = require('@jest/test-sequencer');

/**
 * Seconds of the files that take longest, on an idle machine with two cores. On a machine that has not run them yet Jest
 * would order files by size, and a run would end with one long file on one core.
 */
const seconds = {
  'tests/faults/faults.spec.ts': 110,
  'tests/end-to-end/readme.spec.ts': 160,
  'tests/end-to-end/stack.spec.ts': 165,
  'tests/end-to-end/departure.spec.ts': 45,
  'verify/conformance/conformance.spec.ts': 50,
  'tests/end-to-end/dashboard-team.spec.ts': 45,
  'tests/end-to-end/dashboard.spec.ts': 90,
  'tasks/tasks.spec.ts': 45,
  'tests/end-to-end/examples.spec.ts': 43,
  'tests/end-to-end/commands.spec.ts': 60,
  'tests/end-to-end/models.spec.ts': 31,
  'webgpu/webgpu.spec.ts': 25,
  'tests/integration/search-threads.spec.ts': 24,
  'webgpu/kernels.spec.ts': 23,
  'nn/cells/cells.spec.ts': 20,
  'tests/integration/queue-away.spec.ts': 18,
  'loop/refill.spec.ts': 15,
  'tests/integration/sweep-edits.spec.ts': 14,
  'tests/integration/reuse.spec.ts': 14,
  'tests/integration/paired-tests.spec.ts': 12,
  'verify/traces.spec.ts': 10,
  'models/generate.spec.ts': 8,
  'loop/lane-acceptance.spec.ts': 8,
};

const expected = ({ path }) => Object.entries(seconds).find(([file]) => path.endsWith(file))?.[1] ?? 0;

module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    const known = sorted.filter((test) => test.duration === undefined && expected(test) > 0);
    return [...known.sort((a, b) => expected(b) - expected(a)), ...sorted.filter((test) => !known.includes(test))];
  }
};
