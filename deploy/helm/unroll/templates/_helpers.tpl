{{- define "unroll.labels" -}}
app.kubernetes.io/name: unroll
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{/* What every process of the fleet reads. */}}
{{- define "unroll.environment" -}}
- name: ARTIFACTS_URL
  value: {{ .root.Values.artifactsUrl | quote }}
{{- range $name, $value := .environment }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end }}

{{- define "unroll.security" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
runAsUser: 1000
capabilities: { drop: [ALL] }
{{- end }}

{{- define "unroll.mounts" -}}
- { name: data, mountPath: /data }
- { name: tmp, mountPath: /tmp }
{{- if .Values.artifactsClaim }}
- { name: artifacts, mountPath: /artifacts }
{{- end }}
{{- end }}

{{- define "unroll.volumes" -}}
- name: data
  emptyDir: {}
- name: tmp
  emptyDir: {}
{{- if .Values.artifactsClaim }}
- name: artifacts
  persistentVolumeClaim: { claimName: {{ .Values.artifactsClaim | quote }} }
{{- end }}
{{- end }}

{{/* A Deployment of workers: root, component, values (of worker or workerGpu), image, gpu. */}}
{{- define "unroll.workers" -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .root.Release.Name }}-{{ .component }}
  labels: {{- include "unroll.labels" . | nindent 4 }}
spec:
  {{- if not (and .root.Values.autoscaling.enabled (eq .component "worker")) }}
  replicas: {{ .values.replicas }}
  {{- end }}
  selector:
    matchLabels: {{- include "unroll.labels" . | nindent 6 }}
  template:
    metadata:
      labels: {{- include "unroll.labels" . | nindent 8 }}
      annotations: { prometheus.io/scrape: 'true', prometheus.io/port: '9464' }
    spec:
      terminationGracePeriodSeconds: {{ .root.Values.terminationGracePeriodSeconds }}
      automountServiceAccountToken: false
      securityContext: { fsGroup: 1000, seccompProfile: { type: RuntimeDefault } }
      containers:
        - name: worker
          image: {{ .image | quote }}
          imagePullPolicy: {{ .root.Values.images.pullPolicy }}
          envFrom: [{ secretRef: { name: {{ .root.Values.secret | quote }} } }]
          env:
            {{- include "unroll.environment" (dict "root" .root "environment" .values.environment) | nindent 12 }}
            - name: UNROLL_HOST
              value: 0.0.0.0
            - name: UNROLL_METRICS_PORT
              value: '9464'
            {{- if .values.slots }}
            - name: UNROLL_SLOTS
              value: {{ .values.slots | quote }}
            {{- end }}
          ports: [{ name: metrics, containerPort: 9464 }]
          startupProbe:
            httpGet: { path: /healthz, port: metrics }
            periodSeconds: 5
            failureThreshold: 36
          livenessProbe:
            httpGet: { path: /healthz, port: metrics }
            periodSeconds: 20
            failureThreshold: 6
          securityContext: {{- include "unroll.security" . | nindent 12 }}
          volumeMounts: {{- include "unroll.mounts" .root | nindent 12 }}
          resources:
            requests: {{- toYaml .values.resources.requests | nindent 14 }}
            limits:
              {{- toYaml .values.resources.limits | nindent 14 }}
              {{- if .gpu }}
              nvidia.com/gpu: {{ .values.gpus }}
              {{- end }}
      {{- with .values.nodeSelector }}
      nodeSelector: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .values.tolerations }}
      tolerations: {{- toYaml . | nindent 8 }}
      {{- end }}
      volumes: {{- include "unroll.volumes" .root | nindent 8 }}
{{- end }}
