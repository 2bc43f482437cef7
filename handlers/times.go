package handlers

import (
	"fmt"
	"sync"
	"time"

	"cbhbot/approvals"
	"cbhbot/bot/mrkdwn"
	"cbhbot/handlers/timephrase"
)

// zones keeps the zones that were loaded: reading one takes longer than all else
// that a card needs.
var zones sync.Map // name -> *time.Location

// zoneOf loads a person's IANA zone; UTC when Slack names none that exists.
func zoneOf(name string) *time.Location {
	if zone, ok := zones.Load(name); ok {
		return zone.(*time.Location)
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		return time.UTC
	}
	zones.Store(name, zone)
	return zone
}

// moment shows an instant to everybody: each reader's own time, the requester's
// local time with its zone, UTC, and how far away it is (R7).
func moment(t time.Time, zone *time.Location, now time.Time) mrkdwn.Text {
	text := say("%s\n%s", mrkdwn.Date(t, zone), exact(t, zone))
	if away := ahead(t, now); away != "" {
		text = text.Then("\n%s", away)
	}
	return text
}

// momentLine is moment in one line, for a sentence.
func momentLine(t time.Time, zone *time.Location, now time.Time) mrkdwn.Text {
	text := say("%s (%s)", mrkdwn.Date(t, zone), exact(t, zone))
	if away := ahead(t, now); away != "" {
		text = text.Then(", %s", away)
	}
	return text
}

// ahead says how far away an instant is; nothing of one that has passed, or that
// nobody waits for: now is zero then.
func ahead(t, now time.Time) string {
	if now.IsZero() || t.Before(now) {
		return ""
	}
	return timephrase.Describe(t, now)
}

// dated is an instant that nobody waits for, in a sentence.
func dated(t time.Time, zone *time.Location) mrkdwn.Text { return momentLine(t, zone, time.Time{}) }

// waiting is now for a request that is open, and zero for one that is over.
func waiting(r approvals.Request, now time.Time) time.Time {
	if !r.Open() {
		return time.Time{}
	}
	return now
}

// exact is an instant in words that mean the same to every reader.
func exact(t time.Time, zone *time.Location) string {
	utc := t.UTC().Format("Mon 2 Jan 2006 15:04 UTC")
	if zone == nil || zone.String() == "UTC" {
		return utc
	}
	return fmt.Sprintf("%s %s · %s", t.In(zone).Format("Mon 2 Jan 2006 15:04"), zone, utc)
}

// span says how long something took: "34 min", "1 h 20 min".
func span(d time.Duration) string {
	minutes := int(d.Round(time.Minute) / time.Minute)
	if minutes < 60 {
		return fmt.Sprintf("%d min", minutes)
	}
	return fmt.Sprintf("%d h %d min", minutes/60, minutes%60)
}
