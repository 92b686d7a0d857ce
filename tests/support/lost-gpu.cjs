// Preloaded into every process of a stack; acts only in the first trainer, which loses its GPU after a few submissions.
const { existsSync, writeFileSync } = require('node:fs');
const Module = require('node:module');

const backend = '@tensorflow/tfjs-backend-webgpu';
const lostAfter = 20;
const isTrainer = /trainer\/main\.js$/.test(process.argv[1] ?? '');

/** The backend, with a device that is destroyed while it is in use. */
function losing({ WebGPUBackend, ...rest }) {
  class Losing extends WebGPUBackend {
    submitted = 0;
    submitQueue() {
      super.submitQueue();
      if (++this.submitted === lostAfter) this.device.destroy();
    }
  }
  return { ...rest, WebGPUBackend: Losing };
}

if (isTrainer && !existsSync(process.env.LOST_GPU_ONCE)) {
  const load = Module._load;
  Module._load = function (request, ...others) {
    const loaded = load.call(this, request, ...others);
    if (request !== backend || existsSync(process.env.LOST_GPU_ONCE)) return loaded;
    writeFileSync(process.env.LOST_GPU_ONCE, String(process.pid));
    return losing(loaded);
  };
}
