// Preloaded into every process of a fleet; acts only in trainers: a lane with one of these seeds crashes the process.
const poisons = {
  1001: () => process.kill(process.pid, 'SIGSEGV'),
  1002: () => {
    for (;;);
  },
  1003: () => {
    const kept = [];
    for (;;) kept.push(new Array(2.5e7).fill(0.5));
  },
};

if (/trainer\/main\.js$/.test(process.argv[1] ?? ''))
  process.on('message', ({ type, lanes }) => {
    if (type !== 'train') return;
    for (const { spec } of lanes) {
      const poison = poisons[spec.training.seed];
      if (!poison) continue;
      process.stderr.write(`about to go wrong with seed ${spec.training.seed}\n`);
      setTimeout(poison, 50);
    }
  });
