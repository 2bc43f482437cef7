package sandbox

import (
	"fmt"
	"os"

	"cbhbot/bot/slackemu"
)

// cleo is the third of those who may approve for vaults.
const cleo = "U0CLEO"

// settleIn adds who is missing in the workspace, and lets all use Slack in the sandbox's language.
func (b *sandbox) settleIn() error {
	b.slack.SetUser(slackemu.User{ID: cleo, TeamID: slackemu.TeamHome, Name: "cleo", RealName: "Cleo Approver", TZ: "Asia/Singapore", Note: "may approve for vaults"})
	for _, c := range b.slack.Channels() {
		if c.ID == slackemu.ChannelOps {
			c.Members = append(c.Members, cleo)
			b.slack.SetChannel(c)
		}
	}
	if b.flags.language == english {
		return nil
	}
	for _, u := range b.slack.Users() {
		if err := b.slack.SetLocale(u.ID, b.flags.language); err != nil {
			return err
		}
	}
	return nil
}

// policyText is who may approve here: two of three for vaults, else one of two.
const policyText = `version: 1
language: %s
names: {%[2]s: ana, %[3]s: bo, %[4]s: cleo}
rules:
  - name: vaults
    instances: ["vault-*"]
    approvers: {users: [%[2]s, %[3]s, %[4]s]}
    quorum: 2
  - name: all else
    approvers: {users: [%[2]s, %[3]s]}
`

// writePolicy writes the sandbox's policy, unless the environment has one.
func (b *sandbox) writePolicy() error {
	if os.Getenv("CBHBOT_APPROVERS") != "" || os.Getenv("CBHBOT_POLICY") != "" {
		return nil
	}
	file, err := os.CreateTemp("", "cbhbot-sandbox-*.yaml")
	if err != nil {
		return fmt.Errorf("writing the sandbox's policy: %w", err)
	}
	defer file.Close()
	b.policy = file.Name()
	if _, err := fmt.Fprintf(file, policyText, b.flags.language, slackemu.UserAna, slackemu.UserBo, cleo); err != nil {
		return fmt.Errorf("writing the sandbox's policy: %w", err)
	}
	return nil
}
