{{- define "cbhbot.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 63 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 63 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "cbhbot.instance" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- /* The copies of the bot, without the pod that checks the settings. */}}
{{- define "cbhbot.selector" -}}
{{ include "cbhbot.instance" . }}
app.kubernetes.io/component: bot
{{- end }}

{{- define "cbhbot.labels" -}}
{{ include "cbhbot.instance" . }}
app.kubernetes.io/component: bot
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "cbhbot.image" -}}
{{- $repository := required "image.repository is required: where the image was pushed, such as registry.example.com/cbhbot" .Values.image.repository }}
{{- if .Values.image.digest }}{{ $repository }}@{{ .Values.image.digest }}{{ else }}{{ $repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{- define "cbhbot.policyConfigMap" -}}
{{- if .Values.policy.existingConfigMap }}{{ .Values.policy.existingConfigMap }}{{ else if .Values.policy.content }}{{ include "cbhbot.name" . }}-policy{{ end }}
{{- end }}

{{- /* Slack gives an app ten sockets, and an update runs one copy more than there are replicas. */}}
{{- define "cbhbot.socketsFit" -}}
{{- $each := int (.Values.settings.SLACK_CONNECTIONS | default 2) }}
{{- $all := add 1 (mul $each (add 1 (int .Values.replicas))) }}
{{- if gt $all 10 }}{{ fail (printf "replicas: %d copies and one more during an update, with %d sockets each and one to refresh, are %d sockets; Slack gives an app 10. Set fewer replicas, or settings.SLACK_CONNECTIONS=1" (int .Values.replicas) $each $all) }}{{ end }}
{{- end }}

{{- /* What is told twice, or where it must not stand: values are no place for secrets, which Helm keeps and shows. */}}
{{- define "cbhbot.toldOnce" -}}
{{- range $name, $instead := dict
    "CBHBOT_LISTEN" "the chart sets it"
    "CBHBOT_POLICY" "set policy.content or policy.existingConfigMap"
    "REDIS_WAIT_REPLICAS" "set redis.waitReplicas"
    "REDIS_URL" "set redis.url, or put it into the Secret where it holds a password"
    "SLACK_BOT_TOKEN" "put it into the Secret"
    "SLACK_APP_TOKEN" "put it into the Secret"
    "CBH_IAM_PASSWORD" "put it into the Secret"
    "HUAWEICLOUD_SDK_AK" "put it into the Secret"
    "HUAWEICLOUD_SDK_SK" "put it into the Secret"
    "HUAWEICLOUD_SDK_SECURITY_TOKEN" "put it into the Secret" }}
{{- if hasKey $.Values.settings $name }}{{ fail (printf "settings.%s: leave it out of settings; %s" $name $instead) }}{{ end }}
{{- end }}
{{- with .Values.redis }}
{{- if contains "@" .url }}{{ fail "redis.url: a password does not belong into values; put the whole address into the Secret as REDIS_URL, and leave redis.url out" }}{{ end }}
{{- if and .url .sentinel.master }}{{ fail "redis: url and sentinel.master are both set; leave one out" }}{{ end }}
{{- end }}
{{- if and .Values.policy.content .Values.policy.existingConfigMap }}{{ fail "policy: content and existingConfigMap are both set; leave one out" }}{{ end }}
{{- end }}

{{- /* What both the bot and its check are told. */}}
{{- define "cbhbot.environment" -}}
env:
  - name: CBHBOT_LISTEN
    value: 0.0.0.0:9090
  {{- if include "cbhbot.policyConfigMap" . }}
  - name: CBHBOT_POLICY
    value: /etc/cbhbot/policy/policy.yaml
  {{- end }}
  {{- with .Values.redis.sentinel }}
  {{- if and .master .passwordKey }}
  - name: REDIS_PASSWORD # before the URL that names it
    valueFrom:
      secretKeyRef: {name: {{ $.Values.existingSecret | quote }}, key: {{ .passwordKey | quote }}}
  {{- end }}
  {{- if .master }}
  - name: REDIS_URL
    value: {{ printf "%s://%s%s/%s" (ternary "rediss-sentinel" "redis-sentinel" .tls) (ternary ":$(REDIS_PASSWORD)@" "" (ne .passwordKey "")) (join "," .hosts) .master | quote }}
  {{- else if $.Values.redis.url }}
  - name: REDIS_URL
    value: {{ $.Values.redis.url | quote }}
  {{- end }}
  {{- end }}
  - name: REDIS_WAIT_REPLICAS
    value: {{ .Values.redis.waitReplicas | quote }}
  {{- range $name, $value := .Values.settings }}
  - name: {{ $name }}
    value: {{ if kindIs "float64" $value }}{{ toJson $value | quote }}{{ else }}{{ $value | quote }}{{ end }}
  {{- end }}
envFrom:
  - secretRef:
      name: {{ required "existingSecret is required: a Secret with SLACK_BOT_TOKEN, SLACK_APP_TOKEN and the cloud's credentials" .Values.existingSecret | quote }}
{{- end }}

{{- /* Where the bot and its check may run, so that both reach the same. */}}
{{- define "cbhbot.placement" -}}
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "cbhbot.mounts" -}}
{{- if or (include "cbhbot.policyConfigMap" .) .Values.extraVolumeMounts }}
volumeMounts:
  {{- if include "cbhbot.policyConfigMap" . }}
  # The directory, not the file by itself: a file mounted with subPath never changes.
  - {name: policy, mountPath: /etc/cbhbot/policy, readOnly: true}
  {{- end }}
  {{- with .Values.extraVolumeMounts }}{{ toYaml . | nindent 2 }}{{ end }}
{{- end }}
{{- end }}

{{- define "cbhbot.volumes" -}}
{{- if or (include "cbhbot.policyConfigMap" .) .Values.extraVolumes }}
volumes:
  {{- with include "cbhbot.policyConfigMap" . }}
  - name: policy
    configMap: {name: {{ . | quote }}}
  {{- end }}
  {{- with .Values.extraVolumes }}{{ toYaml . | nindent 2 }}{{ end }}
{{- end }}
{{- end }}

{{- define "cbhbot.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{- define "cbhbot.podSecurity" -}}
runAsNonRoot: true
{{- with .Values.runAsUser }}
runAsUser: {{ int64 . }}
runAsGroup: {{ int64 . }}
fsGroup: {{ int64 . }}
{{- end }}
seccompProfile: {type: RuntimeDefault}
{{- end }}
