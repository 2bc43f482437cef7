package check

// Code names what is wrong, for programs that read the report. Codes stay what they are.
type Code string

// The codes. deploy/docs/check.md says what to do about each.
const (
	NoAnswer Code = "no_answer"

	SettingUnknown Code = "setting_unknown"
	CertFileUnread Code = "cert_file_unread"

	PolicyBad       Code = "policy_bad"
	PolicyDoubled   Code = "policy_doubled"
	NobodyApproves  Code = "nobody_approves"
	TooFewApprovers Code = "too_few_approvers"
	PersonUnfit     Code = "person_unfit"
	GroupUnknown    Code = "group_unknown"
	GroupEmpty      Code = "group_empty"
	GroupsClosed    Code = "groups_closed"
	OtherWorkspace  Code = "other_workspace"

	BotTokenRefused  Code = "bot_token_refused"
	BotTokenRevoked  Code = "bot_token_revoked"
	AppTokenRefused  Code = "app_token_refused"
	AppTokenRevoked  Code = "app_token_revoked"
	AppTokenScope    Code = "app_token_scope"
	OtherApp         Code = "other_app"
	SocketModeOff    Code = "socket_mode_off"
	SlackUnreachable Code = "slack_unreachable"
	ScopesMissing    Code = "scopes_missing"
	ScopesDeclined   Code = "scopes_declined"
	ScopesTooMany    Code = "scopes_too_many"

	ChannelUnknown  Code = "channel_unknown"
	ChannelUnseen   Code = "channel_unseen"
	ChannelArchived Code = "channel_archived"
	ChannelWithout  Code = "channel_without_bot"
	ChannelShared   Code = "channel_shared"
	ForeignSockets  Code = "foreign_sockets"
	TooManySockets  Code = "too_many_sockets"

	RedisUnreachable Code = "redis_unreachable"
	RedisLogin       Code = "redis_login"
	RedisForbids     Code = "redis_forbids"
	RedisOld         Code = "redis_old"
	RedisForgets     Code = "redis_forgets"
	RedisEvicts      Code = "redis_evicts"
	RedisDiskFails   Code = "redis_disk_fails"
	RedisReplica     Code = "redis_is_a_replica"
	RedisFull        Code = "redis_full"
	RedisNearlyFull  Code = "redis_nearly_full"
	RedisUnwritable  Code = "redis_unwritable"
	RedisReplicas    Code = "redis_replicas"
	RedisOneNode     Code = "redis_one_node"
	RedisForeign     Code = "redis_foreign"
	RedisSlow        Code = "redis_slow"
	Parked           Code = "parked"
	AuditUnwritable  Code = "audit_unwritable"
	AuditBehind      Code = "audit_behind"

	IAMLogin         Code = "iam_login"
	IAMProject       Code = "iam_project"
	IAMUnreachable   Code = "iam_unreachable"
	CloudKey         Code = "cloud_key"
	CloudCredentials Code = "cloud_credentials"
	CloudPermission  Code = "cloud_permission"
	CloudEndpoint    Code = "cloud_endpoint"
	CloudUnreachable Code = "cloud_unreachable"
	CloudNoUpgrades  Code = "cloud_no_upgrades"
	CloudEmpty       Code = "cloud_empty"
	ProjectGone      Code = "project_gone"

	ClocksDiffer   Code = "clocks_differ"
	ClocksTooFar   Code = "clocks_too_far"
	MachinesClock  Code = "machine_clock"
	SignaturesLate Code = "signatures_late"
)
