package check

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cbhbot/approvals/policy"
	"cbhbot/approvals/policy/file"
	"cbhbot/client"
)

func TestAPolicyFileThatThereIsNotHasNoLinesToCorrect(t *testing.T) {
	_, err := file.Read(filepath.Join(t.TempDir(), "policy.yaml"), 0)
	f := BadPolicy(err)[0]
	if f.Code != PolicyBad || !strings.Contains(f.Text, "no such file") || !strings.Contains(f.Mend, "CBHBOT_POLICY") {
		t.Errorf("%+v", f)
	}
}

// TestARuleForNobodyIsNoFault: a policy file says so in words, approvers: nobody.
func TestARuleForNobodyIsNoFault(t *testing.T) {
	held := &policy.Policy{Rules: []policy.Rule{{Name: "legacy", Instances: []string{"legacy-*"}}}}
	c := census{ctx: t.Context(), snapshot: policy.Snapshot{Policy: held}}
	if f := c.rule(&held.Rules[0]); f.Level != OK || f.Text != "legacy: upgrade, cancel, rollback of legacy-*: nobody can approve it, as the policy wants it" {
		t.Errorf("%+v", f)
	}
}

// TestAnotherServerInIAMsPlaceAcceptsNoLogin: it knows no such page, and not no such project.
func TestAnotherServerInIAMsPlaceAcceptsNoLogin(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	iam := client.Password(client.PasswordConfig{IAMEndpoint: server.URL, User: "u", Password: "p", Domain: "d", ProjectID: "p"})
	f := Project{Auth: iam}.Try(t.Context())
	if f.Code != IAMUnreachable || !strings.Contains(f.Mend, "IAM_ENDPOINT") {
		t.Errorf("%+v", f)
	}
}

// TestACloudThatIsNotLookedAtIsSaid: which projects there are stands in the policy file.
func TestACloudThatIsNotLookedAtIsSaid(t *testing.T) {
	none := func(func(time.Time)) ([]Project, error) { return nil, nil }
	found := (&cloud{settings: Settings{Projects: none}, clocks: &clocks{}}).look(t.Context())
	if len(found) != 1 || found[0].Level != Skip || !strings.Contains(found[0].Text, "while the policy file is bad") {
		t.Errorf("%+v", found)
	}
}
