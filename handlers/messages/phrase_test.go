package messages

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"cbhbot/handlers/timephrase"
)

// TestPhrasesThatAreNotRead keeps the kind, the part, the words and the candidates of each refusal in a golden.
func TestPhrasesThatAreNotRead(t *testing.T) {
	refusals(t, "phrases",
		"", "   ", "soon", "xyzzy", "sunday", "2am", "sunday 2", "sunday at 2", "thursday 10", "sunday midnight", "sunday morning", "this weekend", "a few days",
		"next sunday 2am", "this monday 2am", "next week 2am", "wednesday 2pm", "tomorrow 2am", "today 2am", "yesterday 2am", "aug 5 2am",
		"aug 4 2am", "sunday 25:00", "sunday 2:75", "sunday 13pm", "sunday 13am", "feb 30 2am", "2026-02-29 02:00", "monday aug 9 2am", "8/9 2am", "08/09/2026 2am", "09-08-26 2am", "8/20/26 10pm", "20-aug-26 10pm", "thursday 20.8.26 10pm", "20/8/13 10pm", "13/32/26 10pm",
		"sunday 2am please delete", "sunday 2am delete bastion-prod", "not sunday 2am", "every sunday 2am", "before sunday 2am", "sunday 2am or monday 3am", "sunday 2am-4am",
		"sunday monday 2am", "sunday 2am 3am", "sunday 2am UTC Europe/Berlin", "sunday 2am Mars/Olympus", "sunday 2am +25:00", "sunday 2am BST", "sunday 2am CET", "dec 6 2am CEST +01:00", "dec 6 2am BST UTC", "sunday 2030", "the 3rd at 2am", "sunday the 15th 2am", "sunday 24:00", "monday 7 to 9am",
		"tomorrow 23:00 America/New_York", "in 36 hours UTC", "in 5 minutes", "sunday 2am AT", "in 2 hours at 3am", "in 9000000000 seconds", "in 200000 days at 2am", "2020-01-01 02:00", "1786212000 UTC", "1386212000", "1785900000",
		"in 2 weeks on wednesday", "saturday in 3 days", "in 3 days in the evening", "in 1.5 weeks", "a week and a half from now", "2 weeks 2200 hrs", "2 days 2400 hrs", "24h", "in 2 days 2m", "3 days 29m", "dec 31pst 11pm", "930 hrs", "14h", "a week", "36h early", "1d 12h early", "2m",
		"20 aug 2200", "8/20 2030", "2100 on aug 20 UTC", "dec 6 2027", "aug 9 2400", "5 aug 2200", "20 aug 2030 2026", "20 aug 2200 prod", "next sunday 2030", "in 2 weeks 2200", "2030",
		"tomorrow (aug 7) 10pm", "day after tomorrow aug 8 10pm", "aug 20 - 10 pm", "saturday 10pm - 11pm", "10pm - saturday", "aug 8 - 10 august 10pm", "end time: saturday 10pm",
		"this friday (dec 11) 2am", "this sunday the 16th 2am", "coming friday dec 11 2am", "saturday 3 days later 3am", "saturday 3am 3 days later", "sunday 100am", "sunday 120 pm", "the sun, 2am", "sunday 2am west", "sunday 2am CEST Europe/London", "sunday 2am CET Europe/Berlin", "sunday 2am ET Asia/Tokyo", "in a week on tuesday 2am", "a week on wednesday 2am", "in a week tomorrow 2am", "quarter after sunday 2am", "dot sunday 2am",
		"friday week 10pm", "sunday two thirty", "sunday ten-twenty", "aug nine thirty", "aug nine thirty pm", "sunday thirteen sixty", "sunday two thirty-five ten", "3 hours after sunday 2am", "sunday 12:00 midnight", "sunday 2am Eastern Standard Time", "sunday 2am Berlin standard time", `sunday 2"am"`, `"not" sunday 2am`, "feb 3 this year 2am", "sunday next year 2am", "aug 9 of 26 2am",
		"friday London 9pm", "friday 9pm london prod", "friday 9pm not London", "friday 9pm London Paris", "friday 9pm London UTC", "friday 9pm eastern europe",
		"8/7 10pm", "end of august 10pm", "next month 10pm", "in late september 2am", "next week", "sunday 2am next month", "next month 10pm delete", "sunday the 8th 10pm", "first tuesday of the month 2am", "every last day of the month 2am",
		"8.20 10pm", "8.8 10pm", "7.4 sunday 2am", "20-8 10pm", "12-01 10pm", "3.52 sunday 2am", "20.08 2200", "fri 20.08 22:00", "1.2.3 10pm", "10.0.0.1 10pm", "v8-20 10pm", "20.08 20.08", "3.52 8-20", "10pm at 20.08", "15th - 20.08", "20.08 - 22:00", "2026 days", "8-20 days 10pm", "8-20 10pm-11pm",
		"sat 2 pm 10:00", "sat pm 14:00", "sat 22:00 +0200 UTC",
		"friday 23:00-0100", "friday 2200 -0200", "friday 10pm -2:00", "friday 10pm -02:00", "7 aug 2026 22:00-02:00", "sunday 2400",
		"sunday 2am \U0001f4a9", "sunday\x002am", "dimanche 2h", "<!channel> sunday 2am", strings.Repeat("sunday ", 40),
	)
}

// TestChinesePhrasesThatAreNotRead does the same with phrases in Chinese.
func TestChinesePhrasesThatAreNotRead(t *testing.T) {
	refusals(t, "phrases in Chinese",
		"周日", "凌晨2点", "周日2点", "周二十点", "周二十二点", "星期三十点半", "周日三四点", "周日零点", "周日24点", "周日午夜", "周日半夜2点", "周日半夜凌晨", "两天3小时", "周日晚上12点", "周日晚上2点", "周日凌晨12点", "8月15日凌晨12:30", "明晚",
		"周日下午12点", "周日5日晚上10点", "周日中午", "周日凌晨", "周末凌晨2点", "月底凌晨2点", "9月底晚上10点", "下周", "下下周晚上10点", "下个月晚上10点", "9月中旬晚上10点", "上周22:00", "星期三晚上10点", "下个周五凌晨2点", "3号凌晨2点", "8月4日凌晨2点", "26年12月1日凌晨2点",
		"3日后凌晨2点", "半个月后凌晨2点", "过两天凌晨2点", "两周后周日凌晨2点", "8/9 凌晨2点", "服务器时间周日凌晨2点", "周日凌晨2点 CST", "31号凌晨2点后天",
		"本周一凌晨2点", "上周日凌晨2点", "昨天凌晨2点", "今天凌晨2点", "今晚零点", "明天零点", "明天凌晨2点", "周日凌晨2点别升级", "不要周日凌晨2点", "周日凌晨2点前", "周日凌晨2点以后",
		"周日凌晨2点左右", "周日凌晨2点多", "每周日凌晨2点", "周日凌晨2点到4点", "周日02:00-04:00", "周日2点或3点", "周三五凌晨2点", "周三、周五凌晨2点", "12月1日志凌晨2点", "周日早点", "周日早一点", "周日晚一点",
		"周日上午15:00", "周日凌晨2pm", "周日25点", "周日凌晨2点60分", "周日下午2点四刻", "2月30日凌晨2点", "13月1日凌晨2点", "12月第五个周日凌晨2点", "8月9日周一凌晨2点", "下周三（8月9日）凌晨2点",
		"三天后（周六）", "三天后晚上", "一周半后", "周五22:00-0200", "8月20日22:00:00-0200", "两个半天后", "2个天后", "1.5个天后", "36小时", "2天", "升级36小时", "下下个周六晚上10点", "下下个周日晚上10点", "周日凌晨2点升级16号", "16号升级周日凌晨2点", "周日凌晨2点在16号", "周日凌晨2点在", "8月20日22:30于",
		"周日：2点：30分", "“周日”凌晨2点", "周日凌晨2点整吧别", "8.9晚上10点", "12-1 晚上8点", "8月15点", "8月15、16晚上10点", "八月十五晚上10点", "8月32凌晨2点", "周日凌晨2.5点", "周四8.20", "8.20 8.21凌晨", "7.2 周日 10pm", "周日2-4点", "8-20天后晚上10点",
		"8月8日（日）22:00", "（六）22:00", "8月8日（六、日）22:00", "后天（8月8日）晚上10点", "明天后天晚上10点", "8月20日 - 22:00", "结束时间：周六晚上10点",
		"周一二十点", "下周一二十二点半", "周六三天后22:00", "周六晚上10点十天后", "周六晚上三天后10点", "一二三三天后22:00", "一二三四小时后", "12月两日凌晨2点", "两号22:00", "两月1日22:00", "周六晚上10点零15分", "周六22:00整点", "周六22:00整夜", "周六22点整晚",
		"周六1430前", "升级1430周六", "周六2200年", "周六2575",
		"北京时间周日凌晨2点 UTC", "腊月二十三凌晨2点", "周日凌辰2点", "星期⽇凌晨4点", "周日 2 0 点", "周日凌晨2点周一", "东十三区周日凌晨2点", "五百年后凌晨2点", "60000天后凌晨2点",
	)
}

// TestExamplesAreRead types each example of a time on days of a year, be it the last before the clocks are changed.
func TestExamplesAreRead(t *testing.T) {
	for _, name := range []string{"Asia/Shanghai", "America/New_York", "Africa/Cairo", "Australia/Lord_Howe"} {
		zone := ZoneOf(name)
		for now := time.Date(2026, 9, 1, 0, 17, 33, 0, zone); now.Before(time.Date(2027, 12, 1, 0, 0, 0, 0, zone)); now = now.Add(41 * time.Hour) {
			for _, l := range Languages {
				for example := range examplesOf(t, Voice{Language: l, Zone: zone, Now: now}) {
					if _, err := timephrase.Parse(example, now, zone, sampleLimits); err != nil {
						t.Errorf("%q at %s: %v", example, now, err)
					}
				}
			}
		}
	}
}

// examplesOf are those in all that is said of phrases.
func examplesOf(t *testing.T, v Voice) map[string]bool {
	all := map[string]bool{}
	for _, p := range []timephrase.Point{
		timephrase.NoSuchClock, timephrase.NoDay, timephrase.WhichHalf, timephrase.MidnightOrNoon, timephrase.EitherEnd, timephrase.TwoNights, timephrase.OrderUnknown,
		timephrase.IsItAClock, timephrase.ClockOrDate, timephrase.HourOrDay, timephrase.NoExactLength, timephrase.HowLongOrWhen, timephrase.NotATime, timephrase.NoClock,
	} {
		said := v.Plain(PhraseFault(&timephrase.Error{Remark: timephrase.Remark{Point: p}}))
		found := anExample.FindAllStringSubmatch(said, -1)
		if len(found) == 0 {
			t.Fatalf("%s has no example: %s", p, said)
		}
		for _, f := range found {
			all[f[1]+f[2]] = true
		}
	}
	return all
}

var anExample = regexp.MustCompile(`(?:like|example,?|as in|or) "([^"]+)"|[成如或]“([^”]+)”`)

// TestOnlyMisspeltNamesAreMeant suggests no name that was typed as it is.
func TestOnlyMisspeltNamesAreMeant(t *testing.T) {
	for phrase, want := range map[string]string{"sunday 2am (not monday)": "Type a day", "sunday 2am, novmber,": `"november"`} {
		if said := Tell(PhraseFault(faultOf(phrase))).Error(); !strings.Contains(said, want) {
			t.Errorf("%q is answered with %s", phrase, said)
		}
	}
}

// refusals types phrases as somebody in Shanghai on a Wednesday morning, none of which is
// to be read, and holds what is said of them in each language to a golden.
func refusals(t *testing.T, name string, phrases ...string) {
	t.Helper()
	zone := ZoneOf("Asia/Shanghai")
	now := time.Date(2026, 8, 5, 10, 17, 33, 0, zone)
	var got strings.Builder
	for _, phrase := range phrases {
		reading, err := timephrase.Parse(phrase, now, zone, timephrase.Limits{Min: 24 * time.Hour})
		var fault *timephrase.Error
		if !errors.As(err, &fault) {
			t.Errorf("%q is read as %s", phrase, reading.Time)
			continue
		}
		fmt.Fprintf(&got, "%.60q: %s %s %q\n", phrase, fault.Kind, fault.Remark.Point, fault.Part)
		for _, l := range Languages {
			v := Voice{Language: l, Zone: zone, Now: now}
			fmt.Fprintf(&got, "  %s\n", v.Plain(PhraseFault(fault)))
			for _, c := range fault.Candidates {
				fmt.Fprintf(&got, "  - %s %s\n", c.Time.Format(time.RFC3339), v.Plain(WhyThen(c)))
			}
		}
	}
	golden(t, name, got.String())
}

// TestHowAPhraseWasRead says it in each language.
func TestHowAPhraseWasRead(t *testing.T) {
	zone := ZoneOf("Asia/Shanghai")
	now := time.Date(2026, 8, 5, 10, 17, 33, 0, zone)
	for phrase, want := range map[string][2]string{
		"2am on sunday":   {"sunday → Sun 9 Aug; 2am → 02:00; zone: yours, Asia/Shanghai", "sunday → 8月9日 周日；2am → 02:00；时区：Asia/Shanghai（您的时区）"},
		"feb 3 02:00:30":  {"feb 3 → Wed 3 Feb 2027; 02:00:30 → 02:00:30; zone: yours, Asia/Shanghai", "feb 3 → 2027年2月3日 周三；02:00:30 → 02:00:30；时区：Asia/Shanghai（您的时区）"},
		"sunday 2am CEST": {"sunday → Sun 9 Aug; 2am → 02:00; zone: CEST → Europe/Berlin", "sunday → 8月9日 周日；2am → 02:00；时区：CEST → Europe/Berlin"},
		"36小时后":           {"36小时后 → Thu 6 Aug 22:17:33; zone: yours, Asia/Shanghai", "36小时后 → 8月6日 周四 22:17:33；时区：Asia/Shanghai（您的时区）"},
		"周日 晚上8点 UTC+9":   {"周日 → Sun 9 Aug; 晚上 8点 → 20:00; zone: UTC+9 → UTC+09:00", "周日 → 8月9日 周日；晚上 8点 → 20:00；时区：UTC+9 → UTC+09:00"},
	} {
		reading, err := timephrase.Parse(phrase, now, zone, timephrase.Limits{})
		if err != nil {
			t.Errorf("%q: %v", phrase, err)
		}
		for n, l := range Languages {
			if got := (Voice{Language: l, Zone: zone, Now: now}).Plain(HowRead(reading)); got != want[n] {
				t.Errorf("%q: %q, and not %q", phrase, got, want[n])
			}
		}
	}
}
