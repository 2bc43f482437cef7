package e2e

import (
	"fmt"
	"strings"
	"testing"

	"cbhbot/client/cbhemu"
)

// TestHelpFitsOnAScreenAndUnfolds in the place where it stands.
func TestHelpFitsOnAScreenAndUnfolds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	if err := w.slack.SetLocale(ana, "zh-CN"); err != nil {
		t.Fatal(err)
	}
	w.start()
	for _, c := range []struct{ user, help, first, more, all string }{
		{bo, "help", "/cbh upgrade bastion-prod sunday 2am", "All commands", "/cbh break-glass"},
		{ana, "帮助", "/cbh 升级 bastion-prod 周日凌晨2点", "全部命令", "/cbh 紧急放行"},
	} {
		w.types(c.user, c.help)
		m := w.sees(c.user, c.first)
		if lines := strings.Count(m.Text, "\n"); lines > 9 || strings.Contains(m.Text, c.all) {
			t.Errorf("%d lines: %s", lines, m.Text)
		}
		w.presses(c.user, m, c.more)
		w.until(c.all, func() bool { return strings.Contains(w.shown(c.user, m).Text, c.all) })
		if strings.Contains(w.shown(c.user, m).Text, c.first) {
			t.Error("the short help stands beside the long one")
		}
		w.types(c.user, c.help+" all")
		w.answers(c.user, c.all)
	}
}

// TestTheFirstAnswerGreetsOnce, above what was asked for.
func TestTheFirstAnswerGreetsOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	w.start()
	for i, text := range []string{"status", "list", "frobnicate"} {
		w.types(bo, text)
		w.until("an answer to "+text, func() bool { return len(w.answered(bo)) == i+1 })
	}
	for i, m := range w.answered(bo) {
		if hello := strings.Contains(fmt.Sprint(m.Blocks), "Hello"); hello != (i == 0) || hello && len(m.Blocks) < 2 {
			t.Errorf("answer %d: %v", i, m.Blocks)
		}
	}
}
