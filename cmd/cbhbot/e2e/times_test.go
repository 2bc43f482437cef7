package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cbhbot/bot/slackemu"
	"cbhbot/client/cbhemu"
)

// ritasTime is a time of day in Rita's zone, some days ahead.
func ritasTime(t *testing.T, days, hour int) time.Time {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	day := time.Now().In(zone).AddDate(0, 0, days)
	return time.Date(day.Year(), day.Month(), day.Day(), hour, 0, 0, 0, zone)
}

// isScheduled waits until the cloud holds the upgrade for an instant.
func (w *world) isScheduled(at time.Time) {
	w.t.Helper()
	w.sees(rita, "*Scheduled.*")
	if got := w.cloud.Instance("bastion-prod").UpgradeTime; !got.Equal(at) {
		w.t.Errorf("the cloud holds %s, and not %s", got, at)
	}
}

// form waits for the form that is open for a person.
func (w *world) form(user string) *slackemu.View {
	w.t.Helper()
	w.until("the form", func() bool { return w.slack.As(user).Modal() != nil })
	return w.slack.As(user).Modal()
}

// TestADoubtfulTimeIsAskedBack answers a question with one of its buttons, and
// types nothing again.
func TestADoubtfulTimeIsAskedBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	w.start()
	morning, afternoon := ritasTime(t, 10, 2), ritasTime(t, 10, 14)
	w.types(rita, morning.Format("upgrade bastion-prod 2 January")+" at 2 -- security fixes")
	question := w.sees(rita, "Is that before noon or after noon?")
	if question.EphemeralFor != rita {
		t.Error("the question is there for all to read")
	}
	for _, at := range []time.Time{morning, afternoon} {
		utc := at.UTC().Format("15:04 UTC")
		if text := fmt.Sprint(question.Blocks); !question.Action(at.Format("Mon 2 Jan 15:04")).Exists() ||
			!strings.Contains(text, utc) || !strings.Contains(text, "Asia/Shanghai") || !strings.Contains(text, "in ") {
			t.Errorf("the question does not show %s in full: %s", at, text)
		}
	}
	w.presses(rita, question, afternoon.Format("Mon 2 Jan 15:04"))
	card := w.sees(ana, "waiting for approval")
	if !strings.Contains(fmt.Sprint(card.Blocks), "security fixes") {
		t.Errorf("the reason is lost: %s", card.Blocks)
	}
	w.presses(ana, card, "Approve")
	w.isScheduled(afternoon)
}

// TestHowAPhraseWasReadIsSaid types a time in English and one in Chinese, whose doubt is asked back in Chinese.
func TestHowAPhraseWasReadIsSaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	w.start()
	at := ritasTime(t, 10, 2)
	w.types(rita, at.Format("upgrade bastion-prod 2 January")+" 2am -- security fixes")
	w.sees(rita, at.Format("Read as: 2 January → Mon 2 Jan")+"; 2am → 02:00; zone: yours, Asia/Shanghai")

	evening := ritasTime(t, 11, 20)
	w.types(rita, "reschedule CBH-1 "+evening.Format("1月2日")+"晚上8点")
	w.sees(rita, evening.Format("理解为：1月2日 → 1月2日 ")+weekdayInChinese(evening)+"；晚上 8点 → 20:00；时区：Asia/Shanghai（您的时区）")

	morning := ritasTime(t, 12, 8)
	w.types(rita, "reschedule CBH-1 "+morning.Format("1月2日")+"8点")
	question := w.sees(rita, "是上午还是下午？")
	label := morning.Format("1月2日 ") + weekdayInChinese(morning) + " 08:00"
	if text := fmt.Sprint(question.Blocks); !strings.Contains(text, "另选时间") || !strings.Contains(text, label+" Asia/Shanghai") || !strings.Contains(text, "：上午") {
		t.Errorf("the question is not in Chinese: %s", text)
	}
	w.presses(rita, question, label)
	w.sees(rita, "is moved to")
}

func weekdayInChinese(at time.Time) string {
	return [...]string{"周日", "周一", "周二", "周三", "周四", "周五", "周六"}[at.Weekday()]
}

func TestAnotherTimeIsPickedInAForm(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	w.start()
	w.types(rita, "upgrade bastion-prod 2am -- security fixes")
	w.presses(rita, w.sees(rita, "On which day?"), "Pick another time")
	form := w.form(rita)
	if d := form.Submit(map[string]any{"time": time.Now().Add(time.Hour).Unix()}); !strings.Contains(fmt.Sprint(d.Errors), "too soon") {
		t.Errorf("a time within the hour was taken: %+v", d)
	}
	at := ritasTime(t, 10, 3)
	w.submits(form, map[string]any{"time": at.Unix()})
	w.presses(ana, w.sees(ana, "waiting for approval"), "Approve")
	w.isScheduled(at)
}

// TestTooSoonOffersTheEarliest answers with the earliest possible time as a button.
func TestTooSoonOffersTheEarliest(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cbhemu.Options{})
	w.start()
	w.types(rita, "upgrade bastion-prod in 5 hours")
	question := w.sees(rita, "is too soon: it must be at least 24 hours 5 minutes ahead")
	w.presses(rita, question, "continue")
	card := w.sees(ana, "waiting for approval")
	earliest := time.Now().Add(24*time.Hour + 10*time.Minute).In(ritasTime(t, 1, 1).Location())
	if text := fmt.Sprint(card.Blocks); !strings.Contains(text, earliest.Format("Mon 2 Jan 2006 15:")) && !strings.Contains(text, earliest.Add(5*time.Minute).Format("Mon 2 Jan 2006 15:")) {
		t.Errorf("the card does not say the earliest time: %s", text)
	}
}
