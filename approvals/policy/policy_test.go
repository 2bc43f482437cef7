package policy

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"slices"
	"strconv"
	"testing"
	"time"

	"cbhbot/approvals"
)

func TestPatterns(t *testing.T) {
	for pattern, names := range map[string][2][]string{
		"*":          {{"", "a", "bastion-prod"}, nil},
		"prod-*":     {{"prod-", "PROD-1", "prod-a/b", "prod-*-x"}, {"prod", "xprod-1", "*"}},
		"*-prod":     {{"a-prod", "-prod", "a-prod-prod"}, {"a-prod-1"}},
		"b?stion":    {{"bastion", "böstion", "b?stion"}, {"bstion", "baastion", "b*stion"}},
		"a*b*c":      {{"abc", "axxbxxc", "abcbc"}, {"ab", "acb"}},
		"bastion[1]": {{"bastion[1]"}, {"bastion1"}},
		"":           {{""}, {"a"}},
	} {
		for _, name := range slices.Concat(names[0], names[1]) {
			want := slices.Contains(names[0], name)
			if got := fits(pattern, name); got != want {
				t.Errorf("%q matches %q: %v", pattern, name, got)
			}
		}
	}
}

func TestTheNoticeIsThatOfTheKind(t *testing.T) {
	const setting = 24 * time.Hour
	minor, crossVersion := approvals.OfferMinor, approvals.OfferCrossVersion
	for name, c := range map[string]struct {
		lead   Lead
		offers []approvals.Offer
		want   time.Duration
	}{
		"the setting's":       {Lead{}, []approvals.Offer{minor}, setting},
		"a minor one's":       {Lead{Minor: time.Hour}, []approvals.Offer{minor}, time.Hour},
		"a cross-version one": {Lead{Minor: time.Hour}, []approvals.Offer{crossVersion}, setting},
		"the longest of all":  {Lead{Minor: time.Hour, CrossVersion: 2 * time.Hour}, []approvals.Offer{crossVersion, minor}, 2 * time.Hour},
		"in whatever order":   {Lead{Minor: 2 * time.Hour, CrossVersion: time.Hour}, []approvals.Offer{minor, crossVersion}, 2 * time.Hour},
		"the shorter kind's":  {Lead{Minor: 2 * time.Hour, CrossVersion: time.Hour}, []approvals.Offer{crossVersion}, time.Hour},
		"of an unknown kind":  {Lead{Minor: time.Hour, CrossVersion: 2 * time.Hour}, []approvals.Offer{""}, 2 * time.Hour},
	} {
		if got := c.lead.Of(setting, c.offers...); got != c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
	if got := (Lead{Minor: time.Hour}).Shortest(setting); got != time.Hour {
		t.Errorf("any: %s", got)
	}
}

func TestCardsGoWhereTheRuleOrTheProjectSays(t *testing.T) {
	s := Snapshot{Policy: &Policy{
		Rules:    []Rule{{Instances: []string{"prod-*"}, Channel: "CRULE"}, {Instances: []string{"test-*"}}},
		Channels: map[string]string{"eu": "CPROJECT", "us": "CPROJECT"},
	}}
	of := func(targets ...approvals.Target) *approvals.Request {
		return &approvals.Request{Action: approvals.Upgrade, Items: approvals.NewItems(0, targets...), Channel: "CASKED"}
	}
	in := func(project, name string) approvals.Target { return approvals.Target{Project: project, Name: name} }
	eu, us, asia := in("eu", "test-1"), in("us", "test-2"), in("asia", "test-3")
	for name, c := range map[string]struct {
		request *approvals.Request
		want    string // "": different rules
	}{
		"the rule's":            {of(in("eu", "prod-1")), "CRULE"},
		"the rule's, elsewhere": {of(in("asia", "prod-1")), "CRULE"},
		"the rule's, for all":   {of(in("asia", "prod-1"), in("eu", "prod-2")), "CRULE"},
		"the project's":         {of(eu), "CPROJECT"},
		"the projects'":         {of(eu, us), "CPROJECT"},
		"where it was asked":    {of(asia), "CASKED"},
		"without a rule":        {of(in("asia", "nothing")), "CASKED"},
		"two projects":          {of(eu, asia), ""},
		"two rules":             {of(in("eu", "prod-1"), eu), ""},
	} {
		var got string
		rule, err := s.Rule(c.request)
		if err == nil {
			got, err = s.Channel(rule, c.request)
		}
		if got != c.want || errors.Is(err, ErrRules) != (c.want == "") {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
}

func TestARuleShortensTheDeadline(t *testing.T) {
	deadline := noon.Add(10 * time.Hour)
	for expiry, want := range map[time.Duration]time.Time{0: deadline, 2 * time.Hour: noon.Add(2 * time.Hour), 11 * time.Hour: deadline} {
		if got := (&Rule{Expiry: expiry}).Deadline(deadline, noon); !got.Equal(want) {
			t.Errorf("with %s: %s", expiry, got)
		}
	}
}

// TestGroundsAreAllListed reads the constants in the source.
func TestGroundsAreAllListed(t *testing.T) {
	source, err := parser.ParseFile(token.NewFileSet(), "refusal.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var stated []Ground
	ast.Inspect(source, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && fmt.Sprint(spec.Type) == "Ground" {
			text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			stated = append(stated, Ground(text))
		}
		return true
	})
	if len(stated) < 10 || !slices.Equal(stated, Grounds) {
		t.Errorf("stated: %q\nlisted: %q", stated, Grounds)
	}
}

func TestHowPeopleAreToldIsTheRules(t *testing.T) {
	own := approvals.Telling{Broadcast: []approvals.Milestone{approvals.Started}}
	p := &Policy{Rules: []Rule{{Instances: []string{"a"}, Telling: own}, {Instances: []string{"quiet"}}}}
	for name, want := range map[string]approvals.Telling{"a": own, "quiet": {}, "nobody's": approvals.UsualTelling()} {
		if got := p.Telling(approvals.Upgrade, approvals.Target{Name: name}); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
