package approvals

import "testing"

func TestQuorumCountsEachHumanOnce(t *testing.T) {
	sre := Need{Count: 2, Of: []string{"ana", "bo", "cy"}, Label: "@sre"}
	security := Need{Count: 1, Of: []string{"cy", "dee"}, Label: "@security"}
	for name, c := range map[string]struct {
		quorum    Quorum
		approvers []string
		met       bool
	}{
		"nobody is asked for":              {Quorum{}, []string{"ana"}, false},
		"nobody approved":                  {Quorum{sre}, nil, false},
		"one of two":                       {Quorum{sre}, []string{"ana"}, false},
		"the same one twice":               {Quorum{sre}, []string{"ana", "ana"}, false},
		"two of two":                       {Quorum{sre}, []string{"ana", "bo"}, true},
		"an outsider":                      {Quorum{sre}, []string{"ana", "eve"}, false},
		"one in both groups counts once":   {Quorum{sre, security}, []string{"ana", "cy"}, false},
		"one in both groups, enough round": {Quorum{sre, security}, []string{"ana", "cy", "bo"}, true},
		"moved to where they are needed":   {Quorum{sre, security}, []string{"cy", "ana", "dee"}, true},
		"three of one group":               {Quorum{sre, security}, []string{"ana", "bo", "eve"}, false},
	} {
		if got := c.quorum.Met(c.approvers); got != c.met {
			t.Errorf("%s: met %v", name, got)
		}
	}
}

func TestQuorumSaysWhatIsMissing(t *testing.T) {
	q := Quorum{{Count: 2, Of: []string{"ana", "bo"}, Label: "@sre"}, {Count: 1, Of: []string{"dee"}, Label: "@security"}}
	if got := Quorum(q.Missing([]string{"ana"})).String(); got != "1 of @sre and 1 of @security" {
		t.Errorf("missing %q", got)
	}
}
