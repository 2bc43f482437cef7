package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cbhbot/approvals/policy/file"
)

func TestAProjectWithoutItsCredentialsIsNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "policy.yaml")
	text := "version: 1\nprojects:\n  - name: asia\n    project_id: feed\n    region: ap-southeast-3\n    credentials: {ak: ASIA_AK, sk: ASIA_SK}\nrules:\n  - approvers: {users: [U0ANA]}\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := readConfig("run", nil, complete("CBHBOT_POLICY="+path, "ASIA_AK=ak"), nil)
	if err == nil || !strings.Contains(err.Error(), "project asia of the policy file: HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK go together") || strings.Contains(err.Error(), "\"ak\"") {
		t.Errorf("%v", err)
	}
}

func TestTheExamplePolicyIsGood(t *testing.T) {
	f, err := file.Read("../../deploy/policy.example.yaml", 0)
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Policy.Rules) < 3 || len(f.Projects) < 2 || len(f.Explain()) == 0 {
		t.Errorf("the example shows too little: %+v", f)
	}
}
