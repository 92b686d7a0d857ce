/** Who may import whom, of ours. `docs/architecture.md` explains it; this is where it holds. */
const lib = (names) => `^libs/(${names})/`;
const mayImport = {
  contracts: '',
  random: '',
  kernels: '',
  config: 'contracts',
  search: 'contracts|random',
  datasets: 'contracts|random',
  training: 'contracts|random|datasets|kernels',
  queue: 'contracts|config',
  database: 'contracts|config',
  verdicts: 'contracts|search|database',
  artifacts: 'contracts|config',
  charts: 'contracts',
  tracing: '',
};
const appMayImport = {
  api: 'contracts|config|random|search|datasets|queue|database|verdicts|artifacts|tracing',
  worker: 'contracts|config|random|search|datasets|queue|database|verdicts|artifacts|training|kernels|tracing',
  cli: 'contracts|config|training|datasets|kernels|charts',
  dashboard: 'contracts|charts',
};

const libRules = Object.entries(mayImport).map(([name, allowed]) => ({
  name: `lib-${name}`,
  severity: 'error',
  comment: `${name} may import ${allowed.replaceAll('|', ', ') || 'nothing of ours'}`,
  from: { path: `^libs/${name}/` },
  to: { path: '^(libs|apps|tests)/', pathNot: lib(allowed ? `${name}|${allowed}` : name) },
}));
const appRules = Object.entries(appMayImport).map(([name, allowed]) => ({
  name: `app-${name}`,
  severity: 'error',
  comment: `${name} may import ${allowed.replaceAll('|', ', ')}, and no other app`,
  from: { path: `^apps/${name}/` },
  to: { path: '^(libs|apps|tests)/', pathNot: `^(apps/${name}/|libs/(${allowed})/)` },
}));

module.exports = {
  forbidden: [
    ...libRules,
    ...appRules,
    { name: 'no-cycles', severity: 'error', from: { path: '^(apps|libs)/' }, to: { circular: true } },
    {
      name: 'libs-by-their-front-door',
      severity: 'error',
      comment: "another folder's library is imported by its index",
      from: { path: '^(apps|libs)/([^/]+)/' },
      to: { path: '^libs/[^/]+/src/.+', pathNot: ['^libs/$2/', '^libs/[^/]+/src/index\\.ts$'] },
    },
    {
      name: 'nest-in-apps-queue-database',
      severity: 'error',
      from: { path: '^libs/', pathNot: lib('queue|database') },
      to: { path: 'node_modules/@nestjs/' },
    },
    {
      name: 'tensorflow-in-training-kernels',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: lib('training|kernels') },
      to: { path: 'node_modules/@tensorflow/' },
    },
    {
      name: 'bullmq-in-queue',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: lib('queue') },
      to: { path: 'node_modules/bullmq/' },
    },
    {
      name: 'typeorm-in-database',
      severity: 'error',
      from: { path: '^libs/', pathNot: lib('database|verdicts') },
      to: { path: 'node_modules/typeorm/' },
    },
    {
      name: 'design-calls-no-api',
      severity: 'error',
      comment: "the dashboard's building blocks show what they are given: they call no API and know no page",
      from: { path: '^apps/dashboard/src/(design|charts)/' },
      to: { path: '^apps/dashboard/src/(api|pages|layout)/' },
    },
    { name: 'resolvable', severity: 'error', from: { path: '^(apps|libs)/' }, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
