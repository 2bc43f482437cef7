package messages

import (
	"cbhbot/approvals"
	"cbhbot/approvals/policy"
	"cbhbot/bot"
	"cbhbot/handlers/timephrase"
)

// Key names a text in the tables of all languages.
type Key string

// Texts for the words of package approvals and its neighbours have keys made of them.
func stateKey(s approvals.State) Key         { return Key("state/" + string(s)) }
func noticeKey(k approvals.NoticeKind) Key   { return Key("notice/" + string(k)) }
func codeKey(c approvals.Code) Key           { return Key("code/" + string(c)) }
func groundKey(g policy.Ground) Key          { return Key("ground/" + string(g)) }
func obstacleKey(o approvals.Obstacle) Key   { return Key("obstacle/" + string(o)) }
func endKey(e approvals.End) Key             { return Key("end/" + string(e)) }
func apologyKey(a bot.Apology) Key           { return Key("sorry/" + string(a)) }
func offerKey(o approvals.Offer) Key         { return Key("offer/" + string(o)) }
func verbKey(v approvals.Verb) Key           { return Key("verb/" + string(v)) }
func outcomeKey(k approvals.OutcomeKind) Key { return Key("outcome/" + string(k)) }
func pointKey(p timephrase.Point) Key        { return Key("time/" + string(p)) }

// FormKey, HelpKey and TryKey are how a command is typed, what it does, and an example
// that works.
func FormKey(command string) Key { return Key("form/" + command) }
func HelpKey(command string) Key { return Key("help/" + command) }
func TryKey(command string) Key  { return Key("try/" + command) }

// Times and lists.
const (
	InMinutes      Key = "in_minutes"
	InHours        Key = "in_hours"
	InDays         Key = "in_days"
	SpanMinutes    Key = "span_minutes"
	SpanWholeHours Key = "span_whole_hours"
	SpanHours      Key = "span_hours"
	Minutes        Key = "minutes"
	Hours          Key = "hours"
	HoursMinutes   Key = "hours_minutes"
	Days           Key = "days"
	EveryDay       Key = "every_day"
	DaysInRow      Key = "days_in_row"
	NextDay        Key = "next_day"
	Window         Key = "window"
	Freeze         Key = "freeze"
	CountOf        Key = "count_of"
	OneNeed        Key = "one_need"
	NoneNamed      Key = "none_named"
	PersonAt       Key = "person_at"
	Row            Key = "row"
	NotListed      Key = "not_listed"
	LeftOver       Key = "left_over"
	LeftSoon       Key = "left_soon"
)

// Titles of requests.
const (
	TitleUpgrade  Key = "title_upgrade"
	TitleBatch    Key = "title_batch"
	TitleNamed    Key = "title_named"
	AndMore       Key = "and_more"
	MorePeople    Key = "more_people"
	TitleCancel   Key = "title_cancel"
	TitleRollback Key = "title_rollback"
	TitleMove     Key = "title_move"
	TitleMoves    Key = "title_moves"
	TitleMoved    Key = "title_moves_named"
)

// Where a request, or a part of it, stands.
const (
	StateFreeing        Key = "state_freeing"
	StateFreed          Key = "state_freed"
	StateUnscheduled    Key = "state_unscheduled"
	StateAccepted       Key = "state_accepted"
	StateNeverShown     Key = "state_never_shown"
	StateCancelAccepted Key = "state_cancel_accepted"
	StateScheduled      Key = "state_scheduled"
	StateRefused        Key = "state_refused"
	StateStuck          Key = "state_stuck"
	StateLeftStuck      Key = "state_left_stuck"
	StateDone           Key = "state_done"
	StateRolledBack     Key = "state_rolled_back"
	StateMoved          Key = "state_moved"
	StateMovedAway      Key = "state_moved_away"
)

// Cards.
const (
	CardTime           Key = "card_time"
	CardFromTo         Key = "card_from_to"
	CardAtOnce         Key = "card_at_once"
	CardState          Key = "card_state"
	CardVersion        Key = "card_version"
	CardElsewhere      Key = "card_elsewhere"
	RowMinor           Key = "row_minor"
	RowCrossVersion    Key = "row_cross_version"
	RowNoOffer         Key = "row_no_offer"
	CardMinor          Key = "card_minor"
	CardCrossVersion   Key = "card_cross_version"
	CardNoOffer        Key = "card_no_offer"
	CardBatchCosts     Key = "card_batch_costs"
	CardCancels        Key = "card_cancels"
	CardCancelled      Key = "card_cancelled"
	CardNotCancelled   Key = "card_not_cancelled"
	CardCancelsOutside Key = "card_cancels_outside"
	CardRollsBack      Key = "card_rolls_back"
	CardRunning        Key = "card_running"
	CardRunningBack    Key = "card_running_back"
	CardWent           Key = "card_went"
	CardAsked          Key = "card_asked"
	CardOwn            Key = "card_own"
	CardNeeds          Key = "card_needs"
	CardNeedsMore      Key = "card_needs_more"
	CardApproved       Key = "card_approved"
	CardEmergency      Key = "card_emergency"
	CardAlone          Key = "card_alone"
	CardDenied         Key = "card_denied"
	CardWithdrawn      Key = "card_withdrawn"
	CardOvertaken      Key = "card_overtaken"
	CardShutOut        Key = "card_shut_out"
	CardBlind          Key = "card_blind"
	CardOutside        Key = "card_outside"
	CardMoves          Key = "card_moves"
	CardMovesAll       Key = "card_moves_all"
	CardLosesData      Key = "card_loses_data"
	CardCrossing       Key = "card_crossing"
	WhyAsked           Key = "why_asked"
	WhyOutside         Key = "why_outside"
	WhySkipped         Key = "why_skipped"
	WhyClosed          Key = "why_closed"
	SmallPrint         Key = "small_print"
	CardSays           Key = "card_says"
)

// Heads of tables.
const (
	HeadRequest Key = "head_request"
	HeadBastion Key = "head_bastion"
	HeadUpgrade Key = "head_upgrade"
	HeadWhen    Key = "head_when"
	HeadState   Key = "head_state"
)

// Buttons, and what they ask before they act.
const (
	LabelApprove     Key = "label_approve"
	LabelDeny        Key = "label_deny"
	LabelRetract     Key = "label_retract"
	LabelReschedule  Key = "label_reschedule"
	LabelWithdraw    Key = "label_withdraw"
	LabelTryAgain    Key = "label_try_again"
	LabelCheck       Key = "label_check"
	LabelCancel      Key = "label_cancel"
	LabelCancelThat  Key = "label_cancel_that"
	LabelStop        Key = "label_stop"
	LabelPickTime    Key = "label_pick_time"
	LabelOtherTime   Key = "label_other_time"
	LabelSecondHop   Key = "label_second_hop"
	LabelOldTime     Key = "label_old_time"
	LabelRollback    Key = "label_rollback"
	LabelAnyway      Key = "label_anyway"
	LabelSkip        Key = "label_skip"
	LabelNext        Key = "label_next"
	LabelPrevious    Key = "label_previous"
	NotNow           Key = "not_now"
	ApproveTitle     Key = "approve_title"
	StopTitle        Key = "stop_title"
	StopText         Key = "stop_text"
	SkipTitle        Key = "skip_title"
	SkipText         Key = "skip_text"
	SkipYes          Key = "skip_yes"
	ConfirmUpgrade   Key = "confirm_upgrade"
	ConfirmMove      Key = "confirm_move"
	ConfirmMoves     Key = "confirm_moves"
	ConfirmBatch     Key = "confirm_batch"
	ConfirmStaggered Key = "confirm_staggered"
	ConfirmCancel    Key = "confirm_cancel"
	ConfirmRollback  Key = "confirm_rollback"
)

// Notices about what people decided.
const (
	NoticeExpiredLead    Key = "notice_expired_lead"
	NoticePickAgain      Key = "notice_pick_again"
	NoticeAskAgain       Key = "notice_ask_again"
	NoticeAnnounced      Key = "notice_announced"
	NoticeYours          Key = "notice_yours"
	NoticeStands         Key = "notice_stands"
	NoticeAllStand       Key = "notice_all_stand"
	NoticeStaysScheduled Key = "notice_stays_scheduled"
	NoticeOvertaken      Key = "notice_overtaken"
	UnpostableArchived   Key = "unpostable_archived"
	UnpostableInvite     Key = "unpostable_invite"
	UnpostableSlack      Key = "unpostable_slack"
	OpenCard             Key = "open_card"
	OpenCardAt           Key = "open_card_at"
	Unshowable           Key = "unshowable"
	NoticeSummaryLine    Key = "notice_summary_line"
	NoticeSummaryWent    Key = "notice_summary_went"
)

// Notices about the call.
const (
	NoticeApproved           Key = "notice_approved"
	NoticeBatch              Key = "notice_batch"
	NoticeAccepted           Key = "notice_accepted"
	NoticeNotVisible         Key = "notice_not_visible"
	NoticeCalledLine         Key = "notice_called_line"
	NoticeScheduled          Key = "notice_scheduled"
	NoticeAsApproved         Key = "notice_as_approved"
	NoticeAsAsked            Key = "notice_as_asked"
	NoticeRounded            Key = "notice_rounded"
	NoticeBefore             Key = "notice_before"
	NoticeMoveCancelAccepted Key = "notice_move_cancel_accepted"
	NoticeNotScheduled       Key = "notice_not_scheduled"
	NoticeNotCancelled       Key = "notice_not_cancelled"
	NoticeNotRolledBack      Key = "notice_not_rolled_back"
	NoticeNotMoved           Key = "notice_not_moved"
	NoticeNothingMoved       Key = "notice_nothing_moved"
	NoticeHalfMoved          Key = "notice_half_moved"
	UnclearBroken            Key = "unclear_broken"
	UnclearUnreadable        Key = "unclear_unreadable"
	UnclearFault             Key = "unclear_fault"
	UnclearLooking           Key = "unclear_looking"
	NoticeNoProject          Key = "notice_no_project"
)

// Notices about what the cloud does.
const (
	NoticeToStopIt           Key = "notice_to_stop_it"
	NoticeToStopOne          Key = "notice_to_stop_one"
	NoticeRollbackStarted    Key = "notice_rollback_started"
	NoticeStartedElsewhere   Key = "notice_started_elsewhere"
	NoticeStartedEarly       Key = "notice_started_early"
	NoticeCancelTooLate      Key = "notice_cancel_too_late"
	NoticeStuckUpgrade       Key = "notice_stuck_upgrade"
	NoticeStuckRollback      Key = "notice_stuck_rollback"
	NoticeFinished           Key = "notice_finished"
	NoticeSecondHop          Key = "notice_second_hop"
	NoticeWayBack            Key = "notice_way_back"
	NoticeAfterCrossing      Key = "notice_after_crossing"
	NoticeSum                Key = "notice_sum"
	NoticeCancelDone         Key = "notice_cancel_done"
	NoticeRolledBack         Key = "notice_rolled_back"
	NoticeBroken             Key = "notice_broken"
	NoticeBrokenBack         Key = "notice_broken_back"
	NoticeSameVersion        Key = "notice_same_version"
	NoticeSameVersionTook    Key = "notice_same_version_took"
	NoticeGone               Key = "notice_gone"
	NoticeNotBack            Key = "notice_not_back"
	NoticeCancelStarted      Key = "notice_cancel_started"
	NoticeCancelGone         Key = "notice_cancel_gone"
	NoticeCancelStillThere   Key = "notice_cancel_still_there"
	NoticeRollbackMissed     Key = "notice_rollback_missed"
	NoticeChangedGone        Key = "notice_changed_gone"
	NoticeChangedUpgraded    Key = "notice_changed_upgraded"
	NoticeChangedCancelled   Key = "notice_changed_cancelled"
	NoticeChangedMoved       Key = "notice_changed_moved"
	NoticeNeverShown         Key = "notice_never_shown"
	NoticeWhoDidIt           Key = "notice_who_did_it"
	NoticeStopFollowing      Key = "notice_stop_following"
	NoticeKeepEye            Key = "notice_keep_eye"
	NoticeUnwatchedTakenBack Key = "notice_unwatched_taken_back"
	NoticeUnwatchedNeverRan  Key = "notice_unwatched_never_ran"
	NoticeUnwatchedUpgraded  Key = "notice_unwatched_upgraded"
	NoticeUnwatchedGone      Key = "notice_unwatched_gone"
	NoticeMovedAway          Key = "notice_moved_away"
)

// Why the cloud, or the look before the call, said no.
const (
	RefusedOther    Key = "refused_other"
	TooLateForOther Key = "too_late_for_other"
	TooLateToSend   Key = "too_late_to_send"
	TooLateToCancel Key = "too_late_to_cancel"
	TooLateToReturn Key = "too_late_to_return"
	CloudShows      Key = "cloud_shows"
	CloudSaid       Key = "cloud_said"
	CloudUnread     Key = "cloud_unread"
	ProjectSilent   Key = "project_silent"
)

// Why somebody may not do something.
const (
	NobodyNamed     Key = "nobody_named"
	NobodyNow       Key = "nobody_now"
	GroupUntold     Key = "group_untold"
	NotAllowedToSee Key = "not_allowed_to_see"
	NotAllowedToDo  Key = "not_allowed_to_do"
)

// Why a request does not change.
const (
	TooLateForLead     Key = "too_late_for_lead"
	NotChanged         Key = "not_changed"
	NotChangedBy       Key = "not_changed_by"
	NotChangedApproved Key = "not_changed_approved"
	NotChangedSkipped  Key = "not_changed_skipped"
	CancelInstead      Key = "cancel_instead"
	AskAnew            Key = "ask_anew"
	SeveralRules       Key = "several_rules"
	AlreadyOpen        Key = "already_open"
	NoSuchRequest      Key = "no_such_request"
	NewerRequest       Key = "newer_request"
	InFreeze           Key = "in_freeze"
	OutsideWindows     Key = "outside_windows"
	TooNearEnd         Key = "too_near_end"
	ClosedMove         Key = "closed_move"
)

// Commands that cannot be read.
const (
	ReasonTooLong      Key = "reason_too_long"
	CommandTooLong     Key = "command_too_long"
	QuoteOpen          Key = "quote_open"
	UnknownCommand     Key = "unknown_command"
	UnknownCommandNear Key = "unknown_command_near"
	OnlyUpgrades       Key = "only_upgrades"
	NotUnderstood      Key = "not_understood"
	NotUnderstoodThere Key = "not_understood_there" // where no reason goes
	MissingCancel      Key = "missing_cancel"
	MissingReschedule  Key = "missing_reschedule"
	MissingWithdraw    Key = "missing_withdraw"
	MissingRollback    Key = "missing_rollback"
	MissingHistory     Key = "missing_history"
	MissingBreakGlass  Key = "missing_break_glass"
	MissingReason      Key = "missing_reason"
	MissingBastion     Key = "missing_bastion"
	MissingTime        Key = "missing_time"
	UseButtons         Key = "use_buttons"
	UseButtonsOf       Key = "use_buttons_of"
	BadButton          Key = "bad_button"
	BadDraft           Key = "bad_draft"
	BadForm            Key = "bad_form"
	SharedChannel      Key = "shared_channel"
	StillAtIt          Key = "still_at_it"
	WaitYourTurn       Key = "wait_your_turn"
	Unshown            Key = "unshown"
	FormNotOpened      Key = "form_not_opened"
	LabelOpenForm      Key = "label_open_form"
)

// Which bastion, and what stands in the way.
const (
	SeveralInstances Key = "several_instances"
	SeveralMore      Key = "several_more"
	NoInstance       Key = "no_instance"
	RequestTyped     Key = "request_typed"
	TimeBehind       Key = "time_behind"
	NameFirst        Key = "name_first"
	NoInstanceNear   Key = "no_instance_near"
	UnreadProject    Key = "unread_project"
	NoBastions       Key = "no_bastions"
	TooManyInstances Key = "too_many_instances"
	NamedTwice       Key = "named_twice"
	SpacedNames      Key = "spaced_names"
	JoinedNames      Key = "joined_names"
	DirectOver       Key = "direct_over"
	DirectGiven      Key = "direct_given"
	DirectApproved   Key = "direct_approved"
	DirectSkipped    Key = "direct_skipped"
	ReasonBehind     Key = "reason_behind"
	NoRequestThere   Key = "no_request_there"
	BeginsOnce       Key = "begins_once"
	InBatch          Key = "in_batch"
	StaggerTyped     Key = "stagger_typed"
	SinceWhen        Key = "since_when"
	SinceNow         Key = "since_now"
	SinceThen        Key = "since_then"
	Hindered         Key = "hindered"
	CancelHindered   Key = "cancel_hindered"
	ScheduledOutside Key = "scheduled_outside"
	InTheWay         Key = "in_the_way"
	NextPending      Key = "next_pending"
	NextScheduled    Key = "next_scheduled"
	NextInBatch      Key = "next_in_batch"
	NextWithdraw     Key = "next_withdraw"
	NextCancel       Key = "next_cancel"
	NextTakeOut      Key = "next_take_out"
	NextChanged      Key = "next_changed"
	NextStuck        Key = "next_stuck"
	NextWait         Key = "next_wait"
)

// What was done, or not.
const (
	Asked            Key = "asked"
	AskedStaggered   Key = "asked_staggered"
	AskedNow         Key = "asked_now"
	AskedAlone       Key = "asked_alone"
	ReadAs           Key = "read_as"
	ReadParts        Key = "read_parts"
	ReadPartsIn      Key = "read_parts_in"
	ReadInstant      Key = "read_instant"
	ThisOne          Key = "this_one"
	WhichOne         Key = "which_one"
	TypeATime        Key = "type_a_time"
	MeantWords       Key = "meant_words"
	LosesData        Key = "loses_data"
	DoneWithdrawn    Key = "done_withdrawn"
	DoneTakenOut     Key = "done_taken_out"
	DoneMoved        Key = "done_moved"
	DoneSkipped      Key = "done_skipped"
	Looking          Key = "looking"
	TryingAgain      Key = "trying_again"
	NothingToCancel  Key = "nothing_to_cancel"
	CancelEach       Key = "cancel_each"
	MoveEach         Key = "move_each"
	MoveTogether     Key = "move_together"
	CannotMove       Key = "cannot_move"
	HasStarted       Key = "has_started"
	WaitClear        Key = "wait_clear"
	NothingHeld      Key = "nothing_held"
	NoOpenRequest    Key = "no_open_request"
	AskedForAlready  Key = "asked_for_already"
	ScheduledAlready Key = "scheduled_already"
	LastTooFar       Key = "last_too_far"
	ClocksDiffer     Key = "clocks_differ"
	ZoneUnknown      Key = "zone_unknown"
	TimeChoice       Key = "time_choice"
	Verbatim         Key = "verbatim"
	BreakAsk         Key = "break_ask"
	PressedCopy      Key = "pressed_copy"
	CopyOf           Key = "copy_of"
)

// Lists.
const (
	NothingOpen          Key = "nothing_open"
	NoRequests           Key = "no_requests"
	OpenRequests         Key = "open_requests"
	OpenPage             Key = "open_page"
	RequestsShown        Key = "requests_shown"
	RequestsPage         Key = "requests_page"
	BastionsShown        Key = "bastions_shown"
	BastionsPage         Key = "bastions_page"
	PageBehind           Key = "page_behind"
	ListWhat             Key = "list_what"
	ListNear             Key = "list_near"
	NotWhole             Key = "not_whole"
	MoreLines            Key = "more_lines"
	StatusOf             Key = "status_of"
	StatusOwn            Key = "status_own"
	StatusAsked          Key = "status_asked"
	StatusNeeds          Key = "status_needs"
	StatusApproved       Key = "status_approved"
	MineNeeds            Key = "mine_needs"
	MineApproved         Key = "mine_approved"
	MineEmergency        Key = "mine_emergency"
	StatusDenied         Key = "status_denied"
	StatusEmergency      Key = "status_emergency"
	BastionLine          Key = "bastion_line"
	NameAndID            Key = "name_and_i_d"
	ScheduledAs          Key = "scheduled_as"
	OfferUnknown         Key = "offer_unknown"
	ConditionActive      Key = "condition_active"
	ConditionUpgrading   Key = "condition_upgrading"
	ConditionRollingBack Key = "condition_rolling_back"
	ConditionBroken      Key = "condition_broken"
)

// Who may approve.
const (
	PolicyHead       Key = "policy_head"
	PolicyHeadElse   Key = "policy_head_else"
	PolicyApart      Key = "policy_apart"
	PolicyNoRule     Key = "policy_no_rule"
	PolicyNobody     Key = "policy_nobody"
	PolicyNeeds      Key = "policy_needs"
	PolicyNeedsSelf  Key = "policy_needs_self"
	PolicyWindow     Key = "policy_window"
	PolicyFreeze     Key = "policy_freeze"
	PolicyOverride   Key = "policy_override"
	PolicyBreakGlass Key = "policy_break_glass"
	PolicyAlone      Key = "policy_alone"
	ActionUpgrade    Key = "action_upgrade"
	ActionCancel     Key = "action_cancel"
	ActionRollback   Key = "action_rollback"
)

// Help.
const (
	HelpWelcome Key = "help_welcome"
	HelpHead    Key = "help_head"
	HelpAllHead Key = "help_all_head"
	HelpFirst   Key = "help_first"
	HelpMore    Key = "help_more"
	LabelMore   Key = "label_more"
	HelpLine    Key = "help_line"
	HelpOne     Key = "help_one"
	HelpTimes   Key = "help_times"
	HelpNotice  Key = "help_notice"
	HelpNotices Key = "help_notices"
)

// Forms.
const (
	FormDeny          Key = "form_deny"
	FormDenyWhy       Key = "form_deny_why"
	FormSayWhy        Key = "form_say_why"
	FormBack          Key = "form_back"
	FormAsk           Key = "form_ask"
	FormTime          Key = "form_time"
	FormWhen          Key = "form_when"
	FormWhich         Key = "form_which"
	FormChoose        Key = "form_choose"
	FormWhy           Key = "form_why"
	FormOutside       Key = "form_outside"
	FormOutsideWhy    Key = "form_outside_why"
	FormChooseTime    Key = "form_choose_time"
	FormTooSoon       Key = "form_too_soon"
	FormTooFar        Key = "form_too_far"
	FormClosed        Key = "form_closed"
	FormUpgrade       Key = "form_upgrade"
	FormWhichHint     Key = "form_which_hint"
	FormChooseBastion Key = "form_choose_bastion"
	FormOption        Key = "form_option"
	FormWhere         Key = "form_where"
	FormChooseChannel Key = "form_choose_channel"
	FormTooMuch       Key = "form_too_much"
	FormCloudAway     Key = "form_cloud_away"
	NothingOffered    Key = "nothing_offered"
)

// Lines of the audit.
const (
	AuditHead    Key = "audit_head"
	AuditRefused Key = "audit_refused"
	AuditRequest Key = "audit_request"
	AuditState   Key = "audit_state"
	AuditOutside Key = "audit_outside"
	AuditBecause Key = "audit_because"
	AuditCloud   Key = "audit_cloud"
	AuditBot     Key = "audit_bot"
	AuditPerson  Key = "audit_person"
)

// Home.
const (
	HomeWaiting  Key = "home_waiting"
	HomeMine     Key = "home_mine"
	HomeComing   Key = "home_coming"
	HomeFinished Key = "home_finished"
	HomeOffers   Key = "home_offers"
	HomeAsk      Key = "home_ask"
	HomePage     Key = "home_page"
	HomeComes    Key = "home_comes"
	HomeOutside  Key = "home_outside"
	HomeEnded    Key = "home_ended"
	HomeWent     Key = "home_went"
	HomeOffer    Key = "home_offer"
	LabelPlan    Key = "label_plan"
	HomeNothing  Key = "home_nothing"
)
