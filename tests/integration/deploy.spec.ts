import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { itWith } from '../support/machine';
import { temporaryFolder } from '../support/servers.cjs';

const deploy = join(__dirname, '..', '..', 'deploy');
const chart = join(deploy, 'helm', 'unroll');
const helm = process.env.HELM ?? 'helm';
const has = (program: string, ...args: string[]): boolean => spawnSync(program, args).status === 0;
/** Helm is a Go program: `go install helm.sh/helm/v3/cmd/helm@v3.22.0`; promtool comes with Debian's prometheus. */
const itWithHelm = itWith('helm', has(helm, 'version'));
const itWithPromtool = itWith('promtool', has('promtool', '--version'));

/** Where the models of Kubernetes' and KEDA's own schemas are. */
const packages: Record<string, string> = {
  'apps/v1': 'kubernetes-models/apps/v1',
  v1: 'kubernetes-models/v1',
  'batch/v1': 'kubernetes-models/batch/v1',
  'policy/v1': 'kubernetes-models/policy/v1',
  'keda.sh/v1alpha1': '@kubernetes-models/keda/keda.sh/v1alpha1',
};

interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
  spec: any;
}

function ran(program: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}

/** The manifests of a text, each checked against the schema of its kind. */
function validated(text: string): Manifest[] {
  const manifests = parseAllDocuments(text).flatMap((document) => {
    const manifest = document.toJS() as Manifest | null;
    return manifest ? [manifest] : [];
  });
  for (const { apiVersion, kind, ...rest } of manifests) {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- the package follows from the manifest
    const Model = (require(packages[apiVersion]!) as Record<string, new (data: object) => { validate(): void }>)[kind]!;
    new Model(rest).validate();
  }
  return manifests;
}

/** What the chart makes of these values. */
const template = (values: readonly string[]): string =>
  ran(helm, ['template', 'fleet', chart, '--kube-version', '1.30.0', ...values.flatMap((value) => ['--set', value])]);
const rendered = (...values: string[]): Manifest[] => validated(template(values));

const named = (manifests: readonly Manifest[], kind: string, name: string): Manifest =>
  manifests.find((each) => each.kind === kind && each.metadata.name === name)!;

describe('the Helm chart', () => {
  itWithHelm('passes lint, and makes manifests that fit the schemas of Kubernetes and KEDA', () => {
    ran(helm, ['lint', '--strict', chart]);
    const kinds = (manifests: readonly Manifest[]): string[] =>
      manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort();
    expect(kinds(rendered())).toEqual([
      'Deployment fleet-api',
      'Deployment fleet-worker',
      'Job fleet-migrate',
      'PodDisruptionBudget fleet-api',
      'PodDisruptionBudget fleet-worker',
      'Service fleet',
    ]);
    const all = rendered('autoscaling.enabled=true', 'workerGpu.replicas=2', 'artifactsClaim=shared');
    expect(kinds(all)).toEqual(expect.arrayContaining(['Deployment fleet-worker-gpu', 'ScaledObject fleet-worker']));
  });

  itWithHelm('has two API pods that become ready by themselves, and scales workers by claimable trials', () => {
    const manifests = rendered('autoscaling.enabled=true', 'workerGpu.replicas=2', 'worker.environment.UNROLL_LANES=8');
    const api = named(manifests, 'Deployment', 'fleet-api').spec;
    expect(api.replicas).toBe(2);
    const [container] = api.template.spec.containers;
    expect(container.readinessProbe.httpGet.path).toBe('/readyz');
    expect(container.livenessProbe.httpGet.path).toBe('/healthz');
    const worker = named(manifests, 'Deployment', 'fleet-worker').spec;
    // KEDA owns the number of pods.
    expect(worker.replicas).toBeUndefined();
    expect(worker.template.spec.containers[0].env).toContainEqual({ name: 'UNROLL_LANES', value: '8' });
    const gpu = named(manifests, 'Deployment', 'fleet-worker-gpu').spec.template.spec.containers[0];
    expect(gpu.resources.limits['nvidia.com/gpu']).toBe(1);
    const [trigger] = named(manifests, 'ScaledObject', 'fleet-worker').spec.triggers;
    expect(trigger.metadata).toMatchObject({ threshold: '16' });
    expect(trigger.metadata.query).toContain('unroll_trials_claimable');
    expect(named(manifests, 'Job', 'fleet-migrate').metadata).toMatchObject({
      annotations: { 'helm.sh/hook': 'pre-install,pre-upgrade' },
    });
  });

  const kept = readFileSync(join(deploy, 'helm', 'rendered.yaml'), 'utf8');

  it('makes the manifests that are kept beside it, which fit the schemas of Kubernetes and KEDA', () => {
    const manifests = validated(kept);
    expect(manifests.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['Deployment', 'Job', 'ScaledObject']));
    expect(() => validated(kept.replace('replicas: 2', 'replicas: two'))).toThrow(/replicas/);
  });

  itWithHelm('still makes them: helm template deploy/helm/unroll', () => {
    expect(template(['autoscaling.enabled=true', 'workerGpu.replicas=1'])).toBe(kept);
  });
});

describe('the rules for Prometheus', () => {
  itWithPromtool('are accepted by promtool, and fire when they should', () => {
    const folder = join(deploy, 'prometheus');
    expect(ran('promtool', ['check', 'rules', join(folder, 'alerts.yml')])).toContain('SUCCESS');
    expect(ran('promtool', ['test', 'rules', join(folder, 'alerts.test.yml')])).toContain('SUCCESS');
  });

  it('and the dashboard ask for metrics that exist', () => {
    const source = [
      'apps/api/src/health/fleet-metrics.ts',
      'apps/api/src/health/loop-watch.ts',
      'apps/worker/src/worker-metrics.ts',
    ]
      .map((file) => readFileSync(join(__dirname, '..', '..', file), 'utf8'))
      .join('');
    const asked = ['prometheus/alerts.yml', 'grafana/unroll.json', 'helm/unroll/templates/scaling.yaml']
      .map((file) => readFileSync(join(deploy, file), 'utf8'))
      .join('');
    const names = new Set(
      [...asked.matchAll(/unroll_[a-z_]+/g)].map(([name]) => name.replace(/_(bucket|sum|count)$/, '')),
    );
    expect(names.size).toBeGreaterThan(10);
    for (const name of names) expect(source).toContain(`'${name}'`);
  });
});

describe('the base images', () => {
  const folder = temporaryFolder();
  const dockerfile = join(folder, 'Dockerfile');
  const script = join(deploy, 'pin-images.mjs');
  const text = readFileSync(join(__dirname, '..', '..', 'Dockerfile'), 'utf8').replace(/@sha256:\w+/g, '');

  /** Runs the script where `docker` prints this. */
  function pin(answer: string, ...args: string[]): { status: number | null; said: string } {
    writeFileSync(join(folder, 'docker'), `#!/bin/sh\necho '${answer}'\n`, { mode: 0o755 });
    const env = { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}` };
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args, dockerfile], {
      env,
      encoding: 'utf8',
    });
    return { status, said: `${stdout}${stderr}`.trim() };
  }

  it('are pinned by the digests that their registry tells, and a release is refused without', () => {
    writeFileSync(dockerfile, text);
    expect(pin('', '--check')).toEqual({
      status: 1,
      said: expect.stringMatching(/^node:\S+ is not pinned by digest: run node deploy\/pin-images.mjs, and commit/),
    });
    const digest = `sha256:${'0a'.repeat(32)}`;
    expect(pin(`"${digest}"`)).toMatchObject({ status: 0 });
    const pinned = readFileSync(dockerfile, 'utf8');
    expect(pinned.match(/^ARG \w+_IMAGE=\S+$/gm)).toHaveLength(2);
    for (const line of pinned.match(/^ARG \w+_IMAGE=.*$/gm)!) expect(line.endsWith(`@${digest}`)).toBe(true);
    expect(pinned.replaceAll(`@${digest}`, '')).toBe(text);
    expect(pin('', '--check')).toEqual({ status: 0, said: '2 base images are pinned by digest' });
  });

  it('keep their names where the registry tells no digest, or the tool something else', () => {
    writeFileSync(dockerfile, text);
    expect(pin('Name: node')).toEqual({
      status: 1,
      said: expect.stringMatching(/^no digest of node:\S+ is to be had/),
    });
    expect(readFileSync(dockerfile, 'utf8')).toBe(text);
  });

  it('of this release are pinned', () => {
    writeFileSync(dockerfile, readFileSync(join(__dirname, '..', '..', 'Dockerfile')));
    expect(pin('', '--check')).toMatchObject({ status: 0 });
  });

  it('are all named where they can be pinned', () => {
    writeFileSync(dockerfile, `${text}\nFROM alpine:3 AS last\n`);
    expect(pin('', '--check').said).toContain('builds on alpine:3: name it in an argument');
  });
});
