package check

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
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

// TestWhatIAMAnswersSaysWhatToMend; another server in its place knows no such page, or no token, and not no such project.
func TestWhatIAMAnswersSaysWhatToMend(t *testing.T) {
	for answer, want := range map[string]struct {
		code Code
		mend string
	}{
		`401 {"error":{"code":401,"message":"The account is locked.","title":"Unauthorized"}}`: {IAMLogin, "CBH_IAM_USER"},
		`400 {"error":{"code":400,"message":"Request parameter is invalid."}}`:                 {IAMProject, "CBH_IAM_DOMAIN"},
		`403 {"error":{"code":403,"message":"The user is disabled."}}`:                         {IAMProject, "is enabled"},
		`404 {"error":{"code":404,"message":"Could not find project."}}`:                       {IAMProject, "CBH_PROJECT_ID"},
		`429 {"error_code":"APIG.0308","error_msg":"throttled"}`:                               {IAMUnreachable, "some minutes"},
		`500 {"error":{"code":500,"message":"Internal error"}}`:                                {IAMUnreachable, "some minutes"},
		`404 404 page not found`: {IAMUnreachable, "IAM_ENDPOINT"},
		`404 {"error_code":"APIG.0101","error_msg":"The API does not exist"}`:   {IAMUnreachable, "IAM_ENDPOINT"},
		`401 {"error_code":"APIG.0301","error_msg":"Incorrect authentication"}`: {IAMUnreachable, "IAM_ENDPOINT"},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			status, body, _ := strings.Cut(answer, " ")
			code, _ := strconv.Atoi(status)
			w.WriteHeader(code)
			fmt.Fprint(w, body)
		}))
		t.Cleanup(server.Close)
		iam := client.Password(client.PasswordConfig{IAMEndpoint: server.URL, User: "u", Password: "p", Domain: "d", ProjectID: "p"})
		f := Project{Auth: iam}.Try(t.Context())
		if f.Code != want.code || !strings.Contains(f.Mend, want.mend) {
			t.Errorf("%s: %+v", answer, f)
		}
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
