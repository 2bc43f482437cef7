package timephrase

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// An oracle knows what a phrase means without any grammar: the phrases are put together from a day and a
// clock time, whose date and hour a few lines of calendar arithmetic give.

// anyDay is a day in several spellings.
type anyDay struct {
	english, chinese []string
	date             time.Time
	asked            bool // in Chinese, it can be taken in two ways
	weekday          bool // in English, it moves on a week when its time has passed
}

// anyClock is a clock time in several spellings.
type anyClock struct {
	hour, minute     int
	english, chinese []string
}

var anyClocks = []anyClock{
	{2, 0, []string{"2am", "02:00", "2:00 a.m.", "0200 hours"}, []string{"凌晨2点", "凌晨两点整", "02:00", "2时", "凌晨2:00", "凌晨 2am"}},
	{0, 30, []string{"12:30am", "00:30"}, []string{"零点半", "00:30", "凌晨0点30分"}},
	{9, 5, []string{"9:05 am", "09:05"}, []string{"上午九点零五分", "早上9点05", "9:05", "早9点过5分"}},
	{11, 45, []string{"11:45am", "11:45"}, []string{"上午11点三刻", "差一刻十二点中午", "11:45", "上午十一点四十五"}},
	{12, 0, []string{"noon", "12pm"}, []string{"中午12点", "正午", "12:00", "中午十二点钟"}},
	{13, 10, []string{"1:10pm", "13:10"}, []string{"下午一点十分", "13点10分", "十三点十分", "中午1点10"}},
	{14, 30, []string{"2:30 pm", "14:30", "half past two pm", "2:30p"}, []string{"下午两点半", "14:30", "下午2点30分", "十四点三十", "下午2:30"}},
	{18, 15, []string{"6:15pm", "18:15"}, []string{"傍晚六点一刻", "晚上6点15分", "18点一刻", "下午六点十五"}},
	{22, 22, []string{"10:22pm", "22:22"}, []string{"晚上十点二十二", "夜里10点22分", "二十二点二十二分", "晚10:22"}},
	{23, 59, []string{"11:59 PM", "23:59"}, []string{"晚上11点59", "深夜十一点五十九分", "23:59"}},
}

var chineseWeekdays = []string{"日", "一", "二", "三", "四", "五", "六"}

// anyDays are days as they are called on a day, at an hour.
func anyDays(today time.Time, hour int) []anyDay {
	at := func(days int) time.Time { return today.AddDate(0, 0, days) }
	monday := -weekIndex(today.Weekday())
	sunday := today.Weekday() == time.Sunday
	weekday := int(today.AddDate(0, 0, dice.IntN(7)).Weekday())
	name, ahead := chineseWeekdays[weekday], (weekday-int(today.Weekday())+7)%7
	inWeek := monday + (weekday+6)%7
	n, far := 2+dice.IntN(40), at(40+dice.IntN(280))
	soon, next := at(1+dice.IntN(20)), time.Date(today.Year(), today.Month()+1, 1+dice.IntN(28), 0, 0, 0, 0, time.UTC)
	return []anyDay{
		{[]string{time.Weekday(weekday).String(), time.Weekday(weekday).String()[:3]},
			[]string{"周" + name, "星期" + name, "礼拜" + name}, at(ahead), ahead == 0, true},
		{nil, []string{"下周" + name, "下星期" + name, "下周的周" + name}, at(inWeek + 7), sunday && weekday != 0, false},
		{nil, []string{"本周" + name, "这周" + name, "这个礼拜" + name}, at(inWeek), sunday && weekday != 0, false},
		{nil, []string{"下下周" + name}, at(inWeek + 14), sunday && weekday != 0, false},
		{[]string{"tomorrow"}, []string{"明天", "明日"}, at(1), hour < 5, false},
		{[]string{"day after tomorrow"}, []string{"后天"}, at(2), hour < 5, false},
		{nil, []string{"大后天", "大後天"}, at(3), hour < 5, false},
		{[]string{fmt.Sprintf("in %d days at", n), fmt.Sprintf("%d days from now at", n)},
			[]string{fmt.Sprintf("%d天后", n), chineseNumber(n) + "天之后的"}, at(n), false, false},
		{[]string{"in 2 weeks at"}, []string{"两周后", "2个星期后", "十四天后"}, at(14), false, false},
		{[]string{far.Format("January 2"), far.Format("2 Jan"), far.Format("Jan 2,")},
			[]string{far.Format("1月2日"), far.Format("1月2号"),
				chineseNumber(int(far.Month())) + "月" + chineseNumber(far.Day()) + "日"}, far, false, false},
		{[]string{far.Format("2006-01-02"), far.Format("2006/1/2"), far.Format("Monday 2 January 2006")},
			[]string{far.Format("2006年1月2日"),
				far.Format("2006年1月2号星期") + chineseWeekdays[far.Weekday()]}, far, false, false},
		{nil, []string{soon.Format("2号"), soon.Format("2日"), chineseNumber(soon.Day()) + "号"}, soon, false, false},
		{[]string{next.Format("next month on the 2 at")}, []string{next.Format("下个月2号"), next.Format("下月2日")}, next, false, false},
	}
}

// chineseNumber writes a number below a hundred.
func chineseNumber(n int) string {
	figures := []rune("零一二三四五六七八九")
	tens, ones := "", ""
	if n >= 20 {
		tens = string(figures[n/10])
	}
	if n >= 10 {
		tens += "十"
	}
	if n%10 > 0 || n == 0 {
		ones = string(figures[n%10])
	}
	return tens + ones
}

// dice fall the same way in each run.
var dice = rand.New(rand.NewPCG(2026, 8))

func oneOf[T any](all []T) T { return all[dice.IntN(len(all))] }

// TestOracle types days and clock times in either language and order, through a year and more.
func TestOracle(t *testing.T) {
	start := time.Date(2026, 8, 5, 2, 17, 33, 0, time.UTC)
	for step := range 1500 {
		zone, ok := location(oneOf([]string{"Asia/Shanghai", "America/New_York", "Europe/Berlin", "Asia/Kolkata"}))
		if !ok {
			t.Fatal("no zone data")
		}
		now := start.Add(time.Duration(step) * 7 * time.Hour).In(zone)
		for _, day := range anyDays(midnight(floating(now)), now.Hour()) {
			clock := oneOf(anyClocks)
			if len(day.english) > 0 && dice.IntN(2) == 0 {
				day.asked = false
				day.holds(t, now, clock, oneOf(day.english)+" "+oneOf(clock.english))
				continue
			}
			day.weekday = false
			first, second := oneOf(day.chinese), oneOf(clock.chinese)
			between := oneOf([]string{"", " ", "，"})
			if dice.IntN(3) == 0 {
				first, second, between = second, first, "，"
			}
			if strings.HasSuffix(first, "一") && strings.HasPrefix(second, "二十") { // else it may be two weekdays
				between = "，"
			}
			day.holds(t, now, clock, first+between+second)
		}
	}
}

// holds types a phrase and compares the answer with what the arithmetic says.
func (d anyDay) holds(t *testing.T, now time.Time, clock anyClock, phrase string) {
	t.Helper()
	wall := d.date.Add(time.Duration(clock.hour*60+clock.minute) * time.Minute)
	if d.weekday && !wall.After(floating(now)) {
		wall = wall.AddDate(0, 0, 7)
	}
	right, _ := instants(wall, now.Location())
	reading, err := Parse(phrase, now, now.Location(), Limits{Min: 24 * time.Hour})
	refused, _ := errors.AsType[*Error](err)
	switch {
	case len(right) == 1 && right[0].Sub(now) >= 24*time.Hour && !d.asked:
		if refused != nil || !reading.Time.Equal(right[0]) {
			t.Errorf("%q at %s is read as %s, %v, and not as %s", phrase, now.Format(time.RFC1123Z), reading.Time, err, right[0])
		}
	case refused == nil:
		t.Errorf("%q at %s is read as %s", phrase, now.Format(time.RFC1123Z), reading.Time)
	case d.asked && refused.Kind != Ambiguous && slices.ContainsFunc(right, func(at time.Time) bool { return at.Sub(now) >= 24*time.Hour }):
		t.Errorf("%q at %s is not asked about but refused: %v", phrase, now.Format(time.RFC1123Z), err)
	}
}
