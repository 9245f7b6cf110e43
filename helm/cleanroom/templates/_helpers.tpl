{{/* A cluster has one Cleanroom, because CRDs and admission policies are cluster-scoped. So names are fixed. */}}
{{- define "cleanroom.name" -}}
cleanroom-operator
{{- end }}

{{- define "cleanroom.selector" -}}
app.kubernetes.io/name: cleanroom
app.kubernetes.io/component: operator
{{- end }}

{{- define "cleanroom.canary.selector" -}}
app.kubernetes.io/name: cleanroom
app.kubernetes.io/component: canary
{{- end }}

{{- define "cleanroom.labels" -}}
app.kubernetes.io/name: cleanroom
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{/*
Metadata of a guard rail. Argo CD applies sync waves in ascending order and prunes them in descending order: definitions and the operator's account
are applied before the rails and pruned after them.
*/}}
{{- define "cleanroom.rail.metadata" -}}
name: {{ .name }}.cleanroom.dev
labels:
  {{- include "cleanroom.labels" .root | nindent 2 }}
  app.kubernetes.io/component: rails
annotations:
  argocd.argoproj.io/sync-wave: "2"
{{- end }}

{{/*
A rail applies only in namespaces that are open for builds. The policy has the selector as well as its binding: an error of the policy itself (for example,
its parameter kind no longer exists) is raised before any binding is matched, and would refuse such requests in the whole cluster.
*/}}
{{- define "cleanroom.rail.namespaces" -}}
namespaceSelector:
  matchLabels:
    cleanroom.dev/builds: enabled
{{- end }}

{{/* The variable pod of a rail about CONNECT: admission sees the name in the request, and not the pod. */}}
{{- define "cleanroom.rail.enteredPod" -}}
# The name in a proxy request is NAME, NAME:PORT or SCHEME:NAME:PORT, and the API server connects to NAME.
- name: path
  expression: >-
    request.name.split(':')
- name: pod
  expression: >-
    variables.path[variables.path.size() == 3 ? 1 : 0]
{{- end }}

{{/* The binding of a ValidatingAdmissionPolicy: (dict "root" $ "name" ... "incidents" bool "states" list). */}}
{{- define "cleanroom.rail.binding" -}}
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  {{- include "cleanroom.rail.metadata" . | nindent 2 }}
spec:
  policyName: {{ .name }}.cleanroom.dev
  validationActions: [Deny]
  {{- if .incidents }}
  # Every incident of the request's namespace. Usually there is none.
  paramRef:
    selector: {}
    parameterNotFoundAction: Allow
  {{- end }}
  {{- with .states }}
  # Every pod of the request's namespace in one of these states.
  paramRef:
    selector:
      matchExpressions:
        - {key: cleanroom.dev/state, operator: In, values: [{{ join ", " . }}]}
    parameterNotFoundAction: Allow
  {{- end }}
  matchResources:
    {{- include "cleanroom.rail.namespaces" . | nindent 4 }}
{{- end }}

{{/* The operator: its user, with a token that is bound to its pod. A person who may impersonate the account has no such token. */}}
{{- define "cleanroom.cel.operator" -}}
(request.userInfo.username == 'system:serviceaccount:{{ .Release.Namespace }}:{{ include "cleanroom.name" . }}' && has(request.userInfo.extra) && 'authentication.kubernetes.io/pod-uid' in request.userInfo.extra)
{{- end }}

{{/* Controllers of Kubernetes. Where all of them share one account, it is system:kube-controller-manager. */}}
{{- define "cleanroom.cel.garbageCollector" -}}
(request.userInfo.username in ['system:serviceaccount:kube-system:generic-garbage-collector', 'system:kube-controller-manager'])
{{- end }}

{{- define "cleanroom.cel.namespaceController" -}}
(request.userInfo.username in ['system:serviceaccount:kube-system:namespace-controller', 'system:kube-controller-manager'])
{{- end }}

{{- define "cleanroom.cel.volumeController" -}}
(request.userInfo.username in ['system:serviceaccount:kube-system:ephemeral-volume-controller', 'system:kube-controller-manager'])
{{- end }}

{{- define "cleanroom.cel.podGarbageCollector" -}}
(request.userInfo.username in ['system:serviceaccount:kube-system:pod-garbage-collector', 'system:kube-controller-manager'])
{{- end }}

{{- define "cleanroom.cel.kubelet" -}}
('system:nodes' in request.userInfo.groups)
{{- end }}

{{/* Whether a request to delete or evict a pod orphans what the pod owns, its claim above all. */}}
{{- define "cleanroom.cel.orphans" -}}
(request.?subResource.orValue('') == 'eviction' ? (dyn(object).?deleteOptions.?propagationPolicy.orValue('') == 'Orphan' || dyn(object).?deleteOptions.?orphanDependents.orValue(false)) : (dyn(request).?options.?propagationPolicy.orValue('') == 'Orphan' || dyn(request).?options.?orphanDependents.orValue(false)))
{{- end }}

{{/* Whether an object (the argument: object or oldObject) has a label under cleanroom.dev/. */}}
{{- define "cleanroom.cel.ours" -}}
({{ . }} != null && {{ . }}.metadata.?labels.orValue({}).exists(k, k.startsWith('cleanroom.dev/')))
{{- end }}

{{/* Whether an incident (the argument: params or oldObject) is closed, so that it no longer holds its evidence. */}}
{{- define "cleanroom.cel.closed" -}}
{{ . }}.?status.?conditions.orValue([]).exists(c, c.type == 'Closed' && c.status == 'True')
{{- end }}

{{/* Whether the user of the request may resolve an incident (the argument). */}}
{{- define "cleanroom.cel.mayResolve" -}}
authorizer.group('cleanroom.dev').resource('buildincidents').namespace({{ . }}.metadata.namespace).name({{ . }}.metadata.name).check('resolve').allowed()
{{- end }}
