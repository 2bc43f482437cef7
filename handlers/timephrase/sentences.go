package timephrase

import (
	"fmt"
	"strings"
	"time"
)

// Language is one that answers are given in.
type Language int

// The languages. Typed is that of the phrase.
const (
	Typed Language = iota - 1
	English
	Chinese
	languages
)

// sentence is what there is to say, in each language. What goes into it is quoted as typed, or words
// itself in the language.
type sentence [languages]string

// wording is a value with a form in each language.
type wording interface{ in(Language) string }

// saying is a sentence with what goes into it.
type saying struct {
	sentence sentence
	args     []any
}

// of is the sentence as what is said of one reading.
func (s sentence) of(args ...any) []saying { return []saying{{s, args}} }

func (s saying) none() bool { return s.sentence == sentence{} }

func (s saying) in(l Language) string {
	args := make([]any, len(s.args))
	for i, arg := range s.args {
		if w, ok := arg.(wording); ok {
			arg = w.in(l)
		}
		args[i] = arg
	}
	return fmt.Sprintf(s.sentence[l], args...)
}

const (
	example   = ` Type a day and a time, for example "sunday 2am" or "2026-12-01 02:00".`
	exampleZH = `请写明日期和时间，例如“周日凌晨2点”或“2026-12-01 02:00”。`
)

// Why a phrase is refused.
var (
	noTime      = sentence{"There is no time in that." + example, "这里没有时间。" + exampleZH}
	tooLong     = sentence{"That is too long for a time: more than %d characters." + example, "这太长了，时间不会超过 %d 个字符。" + exampleZH}
	noPart      = sentence{"I cannot read %q as part of a time." + example, "看不懂时间里的 %q。" + exampleZH}
	twoParts    = sentence{"%q may belong to the day or to the clock time." + example, "%q 可能属于日期，也可能属于钟点。" + exampleZH}
	noDayOrTime = sentence{"There is no day and no time of day in that." + example, "这里没有日期，也没有钟点。" + exampleZH}
	badYear     = sentence{"I cannot count from the year %d.", "无法从 %d 年算起。"}
	noSuchDay   = sentence{"There is no such day as %q.", "没有 %q 这一天。"}
	notInMonth  = sentence{"There is no such day as %q in %s.", "%[2]s没有 %[1]q。"}
	noDate      = sentence{"There is no %d %s %d.", "没有%[3]d年%[2]s%[1]d日。"}
	noClock     = sentence{`There is no such clock time as %q. Type it like "2am" or "14:30".`, "没有 %q 这个钟点。请写成“凌晨2点”或“14:30”。"}
	notTogether = sentence{"%q and %q do not go together." + example, "%q 和 %q 不相符。" + exampleZH}
	otherDay    = sentence{"%s is a %s, not a %s. Which one do you mean?", "%s是%s，不是%s。您指的是哪一个？"}
	noOffset    = sentence{"No place has the offset %q: they go from -12:00 to +14:00.", "没有 %q 这样的时差，只有 -12:00 到 +14:00。"}
	noZone      = sentence{"I know no time zone %q. Type one like Europe/Berlin, or UTC.", "没有 %q 这个时区。请写成 Asia/Shanghai 或 UTC。"}
	noZoneData  = sentence{"I have no data for the time zone %q. Type an offset like +02:00.", "没有时区 %q 的数据。请写时差，例如 UTC+8。"}
	twoZones    = sentence{"%q and %q are not the same time then. Type one of them.", "%q 和 %q 那时不是同一个时间。请只写一个。"}
	hundred     = sentence{"That is more than a hundred years away." + example, "那是一百多年以后。" + exampleZH}
	countTooFar = sentence{"%s %s is more than a hundred years away." + example, "%s%s 是一百多年以后。" + exampleZH}
	passed      = sentence{"%s has passed." + example, "%s已经过去了。" + exampleZH}
	tooFar      = sentence{"%s is too far ahead: %s is the most allowed. Choose a day before %s.", "%s太远了：最多只能提前%s。请选%s以前的日子。"}
	soon        = sentence{"%s is too soon: it must be at least %s ahead. The earliest is %s.", "%s太近了：至少要提前%s。最早是%s。"}
	skipped     = sentence{"The clocks in %s skip %s. The nearest times are %s and %s.", "%s的时钟会跳过%s。最接近的时间是%s和%s。"}
)

// Why a person is asked.
var (
	which         = sentence{"%s Which one do you mean?", "%s您指的是哪一个？"}
	thisOne       = sentence{"%s Do you mean %s?", "%s您是指%s吗？"}
	severalWays   = sentence{"That can be read in more than one way.", "这可以有几种理解。"}
	noClockTime   = sentence{"At what time? Add one to the day, for example %q.", "几点？请在日期后面写上钟点，例如 %q。"}
	noDay         = sentence{`On which day? A clock time needs one, for example "sunday" or "tomorrow".`, "哪一天？钟点需要日期，例如“周日”或“明天”。"}
	beforeOrPast  = sentence{`Is that before noon or after noon? Type it like "2am" or "14:00".`, "是上午还是下午？请写成“凌晨2点”或“14:00”。"}
	twelve        = sentence{"Is that 12 midnight or noon? Type it like 00:00 or 12:00.", "这里的12点是零点还是中午？请写成 00:00 或 12:00。"}
	midnightEnd   = sentence{"Midnight can be either end of the day.", "零点可以是这一天的开始，也可以是这一天的结束。"}
	twoNights     = sentence{"A night belongs to two dates.", "夜里跨两个日期。"}
	severalTimes  = sentence{"%q may be one number or another.", "%q 可能是前一个数，也可能是后一个数。"}
	eitherDate    = sentence{"%q can be %s or %s.", "%q 可以是%s或%s。"}
	otherPeople   = sentence{"%q means different days to different people.", "各人说的 %q 可能不是同一天。"}
	passedWeek    = sentence{"%q of this week has passed.", "本周的 %q 已经过去了。"}
	todaysName    = sentence{"Today is a %s.", "今天就是%s。"}
	smallHours    = sentence{"It is still night: %q may be counted from yesterday.", "现在还是凌晨，%q 可能是从昨天算起的。"}
	justPassedBy  = sentence{"%s has just passed.", "%s刚刚过去。"}
	notThatDay    = sentence{"The next %q is no %s.", "下一个 %q 不是%s。"}
	shortMonth    = sentence{"%s has no day %d.", "%s没有%d日。"}
	orderUnknown  = sentence{"I cannot tell day, month and year apart in %q. Type it like 2026-12-01.", "%q 分不清年月日。请写成 2026-12-01。"}
	isClock       = sentence{"Is %q a clock time? Type it with a colon, like 14:30.", "%q 是钟点吗？请写成 14:30。"}
	clockOrDate   = sentence{"%q may be a clock time or a date. Type a clock time with a colon, like 14:30.", "%q 可能是钟点，也可能是日期。钟点请写成 14:30。"}
	hourOrDay     = sentence{"Is %q the hour or the day? Type the hour with minutes, like 14:00.", "%q 是钟点还是日期？钟点请写成 14:00。"}
	zoneOrRange   = sentence{"%q may be a time zone or the end of a range. Type a zone like UTC%[1]s.", "%q 可能是时区，也可能是时间段的结尾。时区请写成 UTC%[1]s。"}
	manyZones     = sentence{"%q is the name of several time zones. Type one like Europe/London, or an offset like +01:00.", "%q 可以是几个时区。请写成 Asia/Shanghai，或者时差，例如 UTC+8。"}
	notInForce    = sentence{"%q is not the time in %s on that date.", "那一天 %q 不是 %s 的时间。"}
	otherDayHere  = sentence{"It is another day in the time zone you name.", "在您写的时区，现在是另一天。"}
	comesTwice    = sentence{"The clocks in %s are put back, and %s comes twice.", "%s的时钟会拨回，%s会出现两次。"}
	noZoneNeeded  = sentence{"A length of time needs no zone. Type %q alone, or add a clock time.", "时长不需要时区。请只写 %q，或者加上钟点。"}
	hoursAndTime  = sentence{"Hours and a clock time together do not go. Type %q alone, or a day and a time.", "小时和钟点不能同时写。请只写 %q，或者写日期和钟点。"}
	notOneDay     = sentence{"%q and %q do not come to one day.", "%q 和 %q 不是同一天。"}
	noExactLength = sentence{"I cannot count %q to the minute. Type it in days and hours.", "%q 不能精确到分钟。请用天和小时来写。"}
	daysOrDay     = sentence{"%q may be %s days from today, or after that day of the month.", "%q 可能是%[2]s天以后，也可能是%[2]s号以后。"}
)

// What each reading is.
var (
	toBefore        = sentence{"before noon", "上午"}
	toAfter         = sentence{"after noon", "下午"}
	isNoon          = sentence{"noon", "中午"}
	dayBegins       = sentence{"the midnight that begins the day", "这一天开始的零点"}
	dayEnds         = sentence{"the midnight that ends it", "这一天结束的零点"}
	nightBefore     = sentence{"early on that date", "这个日期的凌晨"}
	nightAfter      = sentence{"the night that follows that date", "这个日期之后的夜里"}
	monthFirst      = sentence{"month first", "月在前"}
	dayFirst        = sentence{"day first", "日在前"}
	isToday         = sentence{"today", "今天"}
	isTomorrow      = sentence{"tomorrow", "明天"}
	isDayAfter      = sentence{"the day after tomorrow", "后天"}
	byCalendar      = sentence{"by the calendar", "按日历算"}
	fromYesterday   = sentence{"counted from yesterday", "从昨天算起"}
	beforeThatDay   = sentence{"the one before that day", "那天以前的"}
	afterThatDay    = sentence{"the one after it", "那天以后的"}
	theComing       = sentence{"the coming %s", "最近的%s"}
	ofNextWeek      = sentence{"%s of next week", "下一周的%s"}
	ofNextSunWeek   = sentence{"%s of next week, when weeks begin on Sunday", "下一周的%s（每周从周日开始）"}
	weeksFromSunday = sentence{"when weeks begin on Sunday", "每周从周日开始"}
	weeksFromMonday = sentence{"when weeks begin on Monday", "每周从周一开始"}
	fromToday       = sentence{"counted from today", "从今天算起"}
	fromTheComing   = sentence{"counted from the coming %s", "从最近的%s算起"}
	earliest        = sentence{"the earliest possible time", "最早的时间"}
	weekLaterOn     = sentence{"a week later", "一周以后"}
	fromThere       = sentence{"counted from the day it is there", "从那里的日期算起"}
	beforePutBack   = sentence{"before the clocks are put back", "时钟拨回以前"}
	afterPutBack    = sentence{"after the clocks are put back", "时钟拨回以后"}
	atOffset        = sentence{"at UTC%s", "按 UTC%s"}
	asClocksShow    = sentence{"as the clocks show there", "按当地时钟"}
	nearestThatIs   = sentence{"the nearest time that exists", "最接近的存在的时间"}
	placeNamed      = sentence{"%s", "%s"}
	inYourZone      = sentence{"in your own zone, %s", "您自己的时区 %s"}
	zoneYours       = sentence{"zone: yours, %s", "时区：您的，%s"}
	zoneTyped       = sentence{"zone: %s → %s", "时区：%s → %s"}
)

// Moments of time, each worded in a language.
type (
	dated       time.Time     // "2 January 2006"
	monthOf     time.Time     // "January 2006"
	monthIn     time.Month    // "January"
	dayIn       time.Weekday  // "Sunday"
	clockIn     time.Time     // "Monday 2 January 15:04"
	skippedTime time.Time     // "Monday 2 January 2006 15:04"
	justNow     time.Time     // "2 January 15:04"
	near        time.Time     // "Mon 2 Jan 15:04"
	notice      time.Duration // "24 hours"
)

var hanWeekdays = [...]string{"星期日", "星期一", "星期二", "星期三", "星期四", "星期五", "星期六"}

func (d dayIn) in(l Language) string {
	if l == Chinese {
		return hanWeekdays[d]
	}
	return time.Weekday(d).String()
}

func (m monthIn) in(l Language) string {
	if l == Chinese {
		return fmt.Sprintf("%d月", int(m))
	}
	return time.Month(m).String()
}

func (t dated) in(l Language) string {
	return layout(time.Time(t), l, "2 January 2006", "2006年1月2日")
}
func (t monthOf) in(l Language) string { return layout(time.Time(t), l, "January 2006", "2006年1月") }
func (t clockIn) in(l Language) string {
	return layout(time.Time(t), l, "Monday 2 January 15:04", "1月2日 Monday 15:04")
}
func (t skippedTime) in(l Language) string {
	return layout(time.Time(t), l, "Monday 2 January 2006 15:04", "2006年1月2日 Monday 15:04")
}
func (t justNow) in(l Language) string {
	return layout(time.Time(t), l, "2 January 15:04", "1月2日 15:04")
}
func (t near) in(l Language) string {
	return layout(time.Time(t), l, "Mon 2 Jan 15:04", "1月2日 Monday 15:04")
}

// layout formats a time as time.Format does, with the weekday in Chinese where the language is.
func layout(t time.Time, l Language, english, chinese string) string {
	if l == Chinese {
		return strings.Replace(t.Format(chinese), t.Weekday().String(), hanWeekdays[t.Weekday()], 1)
	}
	return t.Format(english)
}

func (n notice) in(l Language) string { return l.spell(time.Duration(n)) }

// spell writes a limit: "24 hours", "1 hour 5 minutes", "60 days".
func (l Language) spell(limit time.Duration) string {
	hours, minutes := int(limit/time.Hour), int(limit%time.Hour/time.Minute)
	switch {
	case hours == 0:
		return l.counted(minutes, "minute", "分钟")
	case minutes > 0:
		return l.counted(hours, "hour", "小时") + sentence{" "}[l] + l.counted(minutes, "minute", "分钟")
	case hours%24 == 0 && hours > 48:
		return l.counted(hours/24, "day", "天")
	}
	return l.counted(hours, "hour", "小时")
}

func (l Language) counted(n int, english, chinese string) string {
	if n != 1 {
		english += "s"
	}
	return fmt.Sprint(n) + sentence{" " + english, chinese}[l]
}

// Short writes an instant for a button: "Sun 9 Aug 02:00".
func (l Language) Short(t time.Time) string { return near(t).in(l) }
