package cbhemu

import "time"

// Behaviour sets what the cloud does not document, and how long things take.
// The zero value is the careful reading of the documents.
type Behaviour struct {
	Overwrite         bool `json:"overwrite"`          // scheduling twice moves the time; otherwise it is refused with 409
	CancelNothing     bool `json:"cancel_nothing"`     // cancelling with nothing scheduled succeeds; otherwise 400
	CancelNeedsTime   bool `json:"cancel_needs_time"`  // cancelling is refused unless it names the scheduled time
	CancelNeedsLead   bool `json:"cancel_needs_lead"`  // the 24 hours hold for cancelling too
	KeepUpgradeTime   bool `json:"keep_upgrade_time"`  // upgrade_time stays in the list after the end
	HideUpgradeTime   bool `json:"hide_upgrade_time"`  // upgrade_time leaves the list when the upgrade starts
	ActiveMidRestart  bool `json:"active_mid_restart"` // the old version shows as ACTIVE with NO_TASK shortly before the end
	RollbackOldIDs    bool `json:"rollback_old_ids"`   // a rollback brings the ids from before the upgrade back
	PairInTurn        bool `json:"pair_in_turn"`       // of a pair the standby is upgraded first, then the roles change, then the other part is upgraded
	NoUpgradeFeature  bool `json:"no_upgrade_feature"` // the region does not support upgrades
	IgnorePaging      bool `json:"ignore_paging"`      // the list is always whole, as in older regions
	NoTotal           bool `json:"no_total"`           // the list has no total
	ContradictorySpec bool `json:"contradictory_spec"` // list entries have the types of the reference's example, not of its schema
	MinorAtOnce       bool `json:"minor_at_once"`      // the 24 hours hold for cross-version upgrades only, as in https://support.huaweicloud.com/intl/en-us/usermanual-cbh/cbh_02_1005.html
	ChineseErrors     bool `json:"chinese_errors"`     // refusals in Chinese with a numeric code

	MinLead  Duration `json:"min_lead"` // how far ahead an upgrade must lie; 0: 24 h
	Round    Duration `json:"round"`    // upgrade_time is kept as a whole multiple of this, rounded down; 0: as it was sent
	Lag      Duration `json:"lag"`      // how long after the call a schedule shows in the list
	Minor    Duration `json:"minor"`    // how long a minor upgrade takes; 0: 34 min
	Cross    Duration `json:"cross"`    // how long a cross-version upgrade takes; 0: 80 min
	Rollback Duration `json:"rollback"` // how long a rollback takes; 0: 20 min
}

func (b Behaviour) withDefaults() Behaviour {
	for field, standard := range map[*Duration]time.Duration{
		&b.MinLead: 24 * time.Hour, &b.Minor: 34 * time.Minute, &b.Cross: 80 * time.Minute, &b.Rollback: 20 * time.Minute,
	} {
		if *field == 0 {
			*field = Duration(standard)
		}
	}
	return b
}

// SetBehaviour replaces all switches. Upgrades under way keep the duration they
// started with.
func (s *Server) SetBehaviour(b Behaviour) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.behaviour = b.withDefaults()
}

// Behaviour returns the switches.
func (s *Server) Behaviour() Behaviour {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.behaviour
}

// Duration is a time.Duration that is a text such as "34m" in JSON.
type Duration time.Duration

// MarshalText writes it as time.Duration does.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads what time.ParseDuration reads.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	*d = Duration(parsed)
	return err
}
