package sandbox

import (
	"fmt"
	"os"
	"path/filepath"

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

// writePolicy writes the sandbox's policy, unless --policy names one: into a file
// that each sandbox of this language takes, so that one that is killed leaves none behind.
func (b *sandbox) writePolicy() error {
	if b.policy = b.flags.policy; b.policy != "" {
		return nil
	}
	cache, err := os.UserCacheDir()
	if err == nil {
		b.policy = filepath.Join(cache, "cbhbot", "sandbox-"+b.flags.language+".yaml")
		err = keep(b.policy, fmt.Sprintf(policyText, b.flags.language, slackemu.UserAna, slackemu.UserBo, cleo))
	}
	if err != nil {
		return fmt.Errorf("writing the sandbox's policy: %w", err)
	}
	return nil
}

// keep sees to it that a file holds a text. Nobody reads half of it.
func keep(path, text string) error {
	if held, err := os.ReadFile(path); err == nil && string(held) == text {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	half := fmt.Sprintf("%s.%d", path, os.Getpid())
	if err := os.WriteFile(half, []byte(text), 0o600); err != nil {
		return err
	}
	return os.Rename(half, path)
}
