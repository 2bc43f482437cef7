package timephrase

import (
	"errors"
	"reflect"
	"testing"
	"time"
)

// Rita sits in Shanghai, on a Wednesday morning.
const (
	ritasNow  = "2026-08-05T10:17:33+08:00"
	ritasZone = "Asia/Shanghai"
)

// TestForms reads each way to write a time. The answers are Rita's local times, or carry their zone.
func TestForms(t *testing.T) {
	for want, phrases := range map[string][]string{
		"2026-12-06T02:00:00+01:00": {"dec 6 2am Central European Time", "dec 6 2am CET"},
		"2026-08-23T02:00:00+08:00": {"a fortnight on sunday 2am"},
		"2026-08-20T02:00:00+08:00": {"a fortnight tomorrow at 2am"},
		"2026-08-31T22:00:00+08:00": {"31.08. at 10 at night", "31.8., 22:00"},
		"2026-08-07T23:00:00+08:00": {"fri 7/8 2300"},
		"2026-12-04T08:00:00+08:00": {"Fri 4.12. 08:00"},
		"2027-01-01T22:00:00+08:00": {"1.1. 22:00"},
		"2026-08-09T02:00:00-10:00": {"sunday 2am Hawaii time"},
		"2026-08-09T02:00:00+05:30": {"sunday 2am IST (India)", "sunday 2am India time (IST)", "sunday 2am Indian time", "sunday 2am Indian Standard Time", "sunday 2am India Standard Time"},
		"2026-08-09T02:00:00+09:00": {"sunday 2am Japanese time", "sunday 2am Korean Standard Time"},
		"2026-08-07T22:17:33+08:00": {"in sixty hours", "sixty hours from now"},
		"2026-08-09T07:17:33+08:00": {"in ninety-three hours"},
		"2026-08-09T00:30:00+08:00": {"sunday 0:30am", "sunday 00:30 a.m.", "周日 0:30am"},
		"2026-08-09T00:45:00+08:00": {"sunday quarter to one am", "sunday 12:45am"},
		"2026-08-09T12:45:00+08:00": {"sunday quarter to one pm", "sunday 12:45pm"},
		"2026-08-09T23:45:00+08:00": {"sunday quarter to twelve at night"},
		"2026-08-09T22:30:00+08:00": {"sunday 10 30 pm", "sunday 10: 30 pm", "9 aug 10 30pm", "aug 9 10 30 p.m."},
		"2026-08-09T02:00:00+08:00": {
			"'sunday 2am'", "‘sunday 2am’", " **sunday 2am** ", "sunday 2am local", "Aug-09-2026 2am",
			"sunday 2am!!", "how about sunday 2am?", "what about sunday at 2am", "can we sunday 2am?", "i'd like sunday 2am", "i want sunday 2am", "set it to sunday 2am", "sunday 2am ok?", "sunday 2am works", "sunday 2am is fine", "do sunday 2am", "please do sunday 2am", "sunday 2am, cheers", "sunday 2am ty", "sunday 2am thank u", "sunday 2am thank you very much", "sunday 2am, many thanks", "sunday 2am if possible", "sunday 2am if possible, thanks!", "sunday 2am UTC+8 (Beijing)", "sunday 2am +08", "sunday 02:00 +08", "sunday 2am (+08:00)", "sunday 2am UTC + 8", "sunday 2am CST (China)", "sunday 2am 🙏", "sunday 2am 🙏🏻", "sunday 2am, thanks! :pray::skin-tone-3:", "sunday 2am pls :+1:", ":rocket: sunday 2am", "can we do sunday 2am?", "could you please schedule it for sunday 2am?", "can you do it sunday 2am", "sunday 02:00 Uhr", "9.8.2026 2.00 Uhr sunday", "Sun Aug 09 2026 02:00:00 GMT+0800 (Singapore Standard Time)", "sunday 2am Hong Kong Standard Time", "sunday 2am SG time", "sunday 2am Perth", "aug 9 – 2am", "sunday — 2am", "Sunday, August 9⋅2:00am", "„sunday 2am“", "time: 9 aug 2am", "time: the 9th 2am", "sunday 2am", "2am sunday", "sun 02:00", "Sun. 2 AM", "on sunday at 2 am", "sunday, 2:00 a.m.", "SUNDAY @ 02:00", "sunday two a m",
			"sunday at 2 in the morning", "this sunday 2am", "coming sunday at 2am", "aug 9 2am", "9 august 02:00",
			"9th of August, 2026 at 2am", "2026-08-09 02:00", "2026-08-09T02:00", "20260809T0200", "2026/08/09 2:00", "09-Aug-2026 02:00",
			"sunday 9 august 02:00", "in 4 days at 2am", "4 days from now at 02:00", "second sunday of august 2am", "the 9th of this month 2am",
			"2am on the 9th of august please", "sunday\u00a02\u202fam", "ｓｕｎｄａｙ ２ａｍ", "  sunday   2am  ", "sunday 02h00",
			"sunday 2 o'clock am", "early sunday 2am", "sunday 2am sharp", "sunday 2am Beijing time", "sunday 2am China Standard Time", "8/9/2026 2am UTC+8 sunday",
			"sunday 2a", "sunday 0200", "sunday @0200", "sunday@0200", "sunday 0200 hours", "2026-8-9 2am", "9/Aug/2026 2am", "2026-Aug-09 2am", "9-aug 2am", "2am • 9 august",
			"sunday 2am pls", "sunday 2am thx", "let's say sunday 2am", "can we do sunday 2am plz", "please schedule it for sunday at 2am", "make it sunday, 2am", "upgrade on sunday 2am", "kindly for sunday 2am", "for sunday 2am", "start at 2am on sunday", "sunday 2am start", "sunday 2am, thank you.", "sunday 2 in the early morning", "in the early hours of sunday at 2", "early hours of sunday, 2am", "sunday, small hours, 2am", "in the morning of the 9th at 2", "2026-W32-7 02:00", "2026-w32-7T0200", "sunday exactly 2am", "sunday 2am on the dot", "this sunday coming, 2am", "sunday coming 2am", "sunday 2am CST Asia/Shanghai", "sunday 2am, thanks", "sunday at 2am. please.", `"sunday 2am"`, "“sunday 2am”", "aug 9 this year 2am", "9th of august of 2026 2am", "9.Aug.2026 2am", "09AUG2026 0200", "09AUG0200", "sun9aug0200",
			"2026-08-09T02:00:00+08:00[Asia/Shanghai]", "sunday the 9th 2am", "this sunday the 9th 2am", "this coming sunday, 9 august, 2am", "this sunday 8/9 2am", "the sunday 2am", "the 9th at 2am", "aug.9 2am", "Aug.9th, 2026 2:00 am", "sun (aug 9) 2am", "4 days later at 2am", "4 days after today 2am", "second sunday this august 2am",
		},
		"2026-08-08T18:00:00Z": {"2026-08-08T18:00:00Z", "2026-08-08 18:00 UTC", "1786212000", "1786212000000", "<!date^1786212000^{date} {time}|sunday>", "2026-08-08T18:00:00.000Z", "2026-08-08 18:00:00 +0000 UTC"},
		"2026-08-09T02:00:00+02:00": {"sunday 2am CET/CEST", "sunday 2am (CET/CEST)", "sunday 2am Berlin time (CEST)", "sunday 2am CEST (Berlin)", "sunday 2am CEST Berlin", "sunday 0200 Berlin", "sunday 0200 hrs Berlin", "sunday 2am sharp Berlin", "sunday 2am German time", "sunday 2am Munich", "Sun Aug 09 2026 02:00:00 GMT+0200 (Central European Summer Time)", "2026-08-09 02:00 +02:00", "2026-08-09T02:00:00+0200", "sunday 2am UTC+2", "sunday 2am europe/berlin", "sunday 2am CEST",
			"sunday 2am Berlin time", "sunday 2am CEST (Europe/Berlin)", "sunday 2am (CEST, Europe/Berlin)", "Europe/Berlin CEST sunday 2am", "sunday 2am Berlin", "2am in Berlin, sunday", "sunday 02:00 (Berlin)", "berlin time sunday 2am", "周日凌晨2点 Berlin时间"},
		"2026-08-09T02:00:00+01:00": {"sunday 2am BST (London)", "sunday 2am London", "sunday 2am British Summer Time"},
		"2026-08-09T12:00:00+08:00": {"sunday noon", "noon on sunday", "sunday 12pm", "sunday 12 noon", "sunday at midday", "sunday 12:00 noon", "twelve noon on sunday"},
		"2026-08-09T14:30:00+08:00": {"sunday arvo 2:30", "sunday 2:30 pm", "sunday at half past two pm", "sunday, half-past 2pm", "sunday 14:30", "sunday at 2:30 in the afternoon",
			"sunday 2:30p", "sunday 14:30h", "sunday 230pm", "sunday 1430", "sunday two thirty pm", "sunday at two-thirty pm", "sunday afternoon at two thirty", "two thirty in the afternoon, sunday", "aug 9 · 2:30 PM", "sunday 30 past 2pm", "sunday 30 min past two in the afternoon"},
		"2026-08-09T22:00:00+08:00": {"sunday 22 h", "sun nite 10pm", "sun 9/8 2200", "sunday 9 aug 2200", "sunday 22 Uhr", "9. August, 22.00 Uhr", "sunday 2200", "2200 on sunday", "2026-08-09 2200", "20260809 2200", "sunday 2200 hrs", "sunday 22:00 hrs", "sunday at 22.00 hours", "sunday 22.00",
			"sun 8/9 10pm", "sun night 2200", "sunday - 10pm", "sunday PM 10:00", "周日PM 10:00", "Aug 9 - 10pm", "9 aug - 10 pm", "9 aug 2026 - 10.00 pm", "9 aug 2026@10pm", "sunday: 22.00", "sunday: 10pm", "sun. 10pm", "Aug 9. 10 PM.", "Sunday the 9th. 10pm", "9/8/2026; 10pm sunday", "2026-08-09. 22:00", "sunday night. 10pm", "Time: sun 9 aug - 22:00", "8/9(日) 22:00", "9 aug 2026 2200", "2200 aug 9th, 2026", "8/9/2026 2200 sunday"},
		"2026-08-09T22:05:00+08:00":    {"9 aug - 10.05 pm", "9 aug - 22:05"},
		"2026-08-29T22:00:00+08:00":    {"29-8 22:00", "29-08 10pm"},
		"2026-08-20T22:00:00+08:00":    {"8-20@22:00", "20.8.@10pm", "20.08., 10pm", "20.08 22:00", "20.8. 22:00", "thu 20.08 10pm", "8-20 10pm", "thursday 08-20 22:00", "20. August 22:00", "20. Aug. 2026 10 pm"},
		"2026-08-20T20:30:00+08:00":    {"20 aug 2026 2030", "2030 20 aug 2026", "20/8/2026 2030"},
		"2026-08-07T22:00:00+08:00":    {"fri 8/7 10pm", "周五8/7晚上10点"},
		"2026-08-09T20:00:00+08:00":    {"sunday 2000 hours", "sunday 20:00 o'clock"},
		"2026-08-09T19:40:00+08:00":    {"sunday twenty to eight pm", "twenty to eight in the evening on sunday"},
		"2026-12-12T12:12:00+08:00":    {"12-12 12:12", "12/12 12:12"},
		"2026-08-09T00:00:00+08:00":    {"sunday 12am", "sunday 00:00"},
		"2026-08-07T02:00:00+08:00":    {"day after tomorrow 2am", "the day after tomorrow at 2am", "day after tmr 2am", "friday 2am", "friday 2am this week", "day after tomorrow (fri aug 7) 2am", "后天（8/7）凌晨2点", "后天（8月7日周五）凌晨2点", "后天（7号）凌晨2点", "8月7日（五）凌晨2点"},
		"2026-08-11T02:00:00+08:00":    {"tuesday 2am next week", "at 2am on tuesday of next week", "下周 tuesday 2am", "tuesday next week 2am", "next week on tuesday at 2am", "next week's tuesday 2am", "next tuesday 2am"},
		"2026-08-18T02:00:00+08:00":    {"tuesday the week after next 2am", "2am on tuesday of the week after next", "tuesday 2am week after next", "the week after next, on tuesday at 2am"},
		"2026-08-16T02:00:00+08:00":    {"a week from this sunday 2am", "a week from sunday 2am", "a week after sunday 2am", "a week on sunday 2am"},
		"2026-08-09T16:15:00+08:00":    {"quarter after 4pm sunday", "sunday, a quarter past four pm"},
		"2026-08-09T15:45:00+08:00":    {"quarter till 4pm sunday"},
		"2026-08-13T02:00:00+08:00":    {"a week tomorrow 2am"},
		"2026-08-12T02:00:00+08:00":    {"a week today at 2am"},
		"2026-08-08T03:00:00+08:00":    {"in 3 days on saturday at 3am", "saturday in 3 days 3am", "三天后（周六）凌晨3点", "周六（三天后）凌晨3点", "周六，三天后，凌晨3点", "周六凌晨3点，三天后", "凌晨3点三天后周六", "三天后（8月8日）凌晨3点", "8号（三天后）凌晨3点", "in 3 days (aug 8) 3am", "sat 8 aug, in 3 days, 3am"},
		"2026-08-19T03:00:00+08:00":    {"in 2 weeks at 3am", "in a fortnight at 3am", "2 weeks from today at 3am", "2 weeks today at 3am", "a fortnight today 3am", "in 2 weeks' time at 3am", "in a fortnight's time at 3am"},
		"2026-08-06T22:17:33+08:00":    {"in 36 hours from now", "in 1 day & 12 hours", "36 hours please", "36h 🙏", "please 36 hours", "in exactly 36 hours", "in 36 hours", "36 hours from now", "in a day and 12 hours", "in 1 day 12 h", "in 1d, 11hr, and 60min", "1d720m", "in 1 day 11 hours 60m", "1d 12h", "36 hours later", "36h", "36 hours", "36 h.", "in 1 and a half days", "in a day and a half", "a day and a half from now", "in 129600 seconds"},
		"2026-08-09T02:00:00-04:00":    {"2026-08-09T02:00-04:00", "2026-08-09 02:00 -04:00", "2026-08-09 02:00:00-04:00", "sunday 2am EST/EDT", "sunday 2am ET", "sunday 2am EDT", "sunday 2am eastern time", "sunday 2am Eastern Daylight Time", "sunday 2am in New York time", "sunday 2am New York", "sunday 2am NYC time", "sunday 2am Eastern", "sunday 2am US Eastern", "美国东部时间周日凌晨2点"},
		"2026-08-09T02:00:00-07:00":    {"sunday 2am Phoenix time", "aug 9, 2026 2am -0700", "sunday 2am -0700", "sunday 02:00 -0700", "Aug 9 2026 | 02:00 am -07:00", "sunday 2am Pacific", "美国西部时间周日凌晨2点", "墨西哥城时间周日凌晨3点", "太平洋时间周日凌晨2点", "sunday 02:00 in San Francisco"},
		"2026-08-09T02:00:00+05:45":    {"sunday 2am Nepal time", "2am sunday, Kathmandu time", "周日凌晨2点 尼泊尔时间"},
		"2026-08-09T02:00:00+05:00":    {"sunday 2am Pakistan Standard Time"},
		"2026-08-09T02:00:00+07:00":    {"sunday 2am ICT", "sunday 2am Bangkok", "越南時間週日凌晨2點", "sunday 2am Cambodia time", "老挝时间周日凌晨2点"},
		"2026-08-09T02:00:00Z":         {"sunday 2am UTC", "sunday 2am in UTC", "sunday 2am (Z)", "sunday 02:00 Z", "sunday 0200z", "20260809T0200Z", "sunday 2am tz: Z", "sunday 0200UTC", "sunday 0200 zulu", "sunday 2am Greenwich Mean Time", "2am coordinated universal time, sunday", "Sun Aug 09 2026 02:00:00 GMT+0000 (Coordinated Universal Time)", "协调世界时周日凌晨2点", "周日凌晨2点世界协调时间", "格林尼治标准时间周日凌晨2点", "周日凌晨2点格林威治标准时间", "世界标准时间周日凌晨2点"},
		"2026-12-06T02:00:00-05:00":    {"dec 6 2am ET", "dec 6 2am EST"},
		"2026-08-20T22:30:00Z":         {"20 aug 2230Z", "20AUG2230Z", "aug 20 2230UTC", "2230z 20 aug 2026"},
		"2026-08-09T02:00:00.25+08:00": {"2026-08-08T18:00:00.250Z", "2026-08-09 02:00:00,250", "2026-08-09T02:00:00,250+08:00", "sunday 02:00:00.25", "aug 9 2:00:00.250 am"},
		"2026-08-09T02:00:30+08:00":    {"sunday 2:00:30 am", "sunday 02:00:30"},
		"2026-08-07T21:00:00+08:00":    {"friday at 2100", "friday 9 at night", "friday night at 9", "friday late evening 9pm", "night of the 7th, 9pm", "twenty-one hundred hours on friday"},
		"2026-12-24T18:00:00+08:00":    {"christmas eve 6pm", "平安夜晚上6点"},
		"2027-01-31T02:00:00+08:00":    {"fifth sunday of january 2am", "1月第五个周日凌晨2点"},
		"2026-12-31T22:00:00+08:00":    {"NYE 10pm", "10pm on nye", "last day of the year 10pm", "the last day of this year at 22:00", "last day of 2026 10pm"},
		"2026-08-09T02:00:00-08:00":    {"sunday 2am Etc/GMT+8"},
		"2026-12-25T02:00:00+08:00":    {"xmas 2am", "christmas day 02:00", "dec 25th 2am"},
		"2026-08-31T02:00:00+08:00":    {"last day of august 2am", "last monday of august 2am", "last day of the month 2am", "the 31st of the month 2am", "31st this month 2am", "last monday of the month 2am", "last monday this month 2am"},
		"2026-08-08T10:17:33+08:00":    {"in 3 days", "in three days", "3 days", "3d", "72 hours"},
		"2026-08-26T10:17:33+08:00":    {"3w", "three weeks"},
		"2026-09-03T02:00:00+08:00":    {"next month on the 3rd at 2am", "3rd next month 2am", "3 september 2am", "first thursday next month 2am"},
		"2026-12-06T02:00:00+08:00":    {"first sunday of december 2am", "the 1st sunday in december at 2am"},
		"2026-12-01T02:00:00+08:00":    {"dec 1 2am", "1 december 02:00", "december 1st at 2am", "2026-12-01 02:00"},
		"2027-12-01T02:00:00+08:00":    {"1st of dec 2027 2am", "dec 1, 2027 02:00"},
		"2027-02-03T02:00:00+08:00":    {"feb 3 2am", "feb 3 next year 2am", "3 feb in 2027 2am"},
		"2027-03-31T02:00:00+08:00":    {"3/31 2am", "31/3/2027 2am", "march 31 2am"},
	} {
		readAs(t, want, phrases...)
	}
}

// TestALengthSaysFromWhen it is counted, or does not, also where it is asked about.
func TestALengthSaysFromWhen(t *testing.T) {
	for want, phrases := range map[Since][]string{
		SinceUnsaid: {"1 week", "36 hours", "1d 12h", "a week later", "one week later at 2am", "49.5 hours later", "a week", "一周", "24h", "half an hour later", "a day and a half later"},
		SinceNow:    {"in 1 week", "a week from now", "in 2 weeks at 3am", "2 weeks hence", "两周后"},
		"":          {"sunday 2am", "a week from sunday 2am", "sunday 2"},
	} {
		for _, phrase := range phrases {
			reading, refusal := typed(t, phrase, ritasNow, ritasZone)
			since := reading.Since
			if refusal != nil {
				since = refusal.Since
			}
			if since != want {
				t.Errorf("%q is counted since %q: %v", phrase, since, refusal)
			}
		}
	}
}

// readAs types phrases as Rita.
func readAs(t *testing.T, want string, phrases ...string) {
	t.Helper()
	at, err := time.Parse(time.RFC3339, want)
	if err != nil {
		t.Fatal(err)
	}
	for _, phrase := range phrases {
		reading, refusal := typed(t, phrase, ritasNow, ritasZone)
		if refusal != nil || !reading.Time.Equal(at) {
			t.Errorf("%q is read as %s, %v, and not as %s", phrase, reading.Time, refusal, want)
		}
	}
}

// TestChineseForms reads each way to write a time in Chinese.
func TestChineseForms(t *testing.T) {
	for want, phrases := range map[string][]string{
		"2026-08-09T03:30:00+08:00": {"周日早3点半"},
		"2026-08-09T02:00:00-07:00": {"加州时间周日凌晨2点", "美国太平洋时间周日凌晨2点", "溫哥華時間週日凌晨2點"},
		"2026-08-09T09:00:00+08:00": {"星期日朝早9點", "周日清晨9点"},
		"2026-08-09T18:00:00+08:00": {"周日黄昏6点"},
		"2026-08-09T02:15:00+08:00": {"周日凌晨两点一刻钟", "sunday quarter-past two am"},
		"2026-12-27T02:00:00+08:00": {"今年最后一个周日凌晨2点", "last sunday of the year 2am", "last sunday in 2026 at 02:00"},
		"2027-01-03T02:00:00+08:00": {"明年的第一个周日凌晨2点", "2027年第一个星期天凌晨2点", "first sunday of 2027 2am", "the 1st sunday next year at 2am"},
		"2026-12-31T22:00:00+08:00": {"今年最后一天晚上10点", "2026年的最后一天22:00"},
		"2026-08-09T00:45:00+08:00": {"周日凌晨1点差一刻", "周日凌晨差一刻一点"},
		"2026-08-09T12:45:00+08:00": {"周日下午1点差一刻", "周日中午差一刻一点", "sunday quarter-to 1pm"},
		"2026-08-09T23:45:00+08:00": {"周日晚上差一刻12点", "周日晚上12点差一刻"},
		"2026-08-09T02:00:00+08:00": {
			"周日当天凌晨2点", "我們週日凌晨2點", "選週日凌晨2點", "週日凌晨2點，唔該曬", "請問週日凌晨2點可以嗎？", "計畫於週日凌晨2點啟動", "沒問題，週日凌晨2點", "請幫我們安排週日凌晨2點", "還是週日凌晨2點吧", "會議時間：週日凌晨2點", "變更開始時間：8月9日 02:00", "8月9日那天凌晨2点", "周日凌晨2点准点开始", "计划于周日凌晨2点升级", "打算在周日凌晨2点", "放在周日凌晨2点", "放到周日凌晨2点", "安排到周日凌晨2点", "周日凌晨2点好了",
			"这个sunday 2am", "我想周日凌晨2点升级", "希望在周日凌晨2点开始升级", "能周日凌晨2点升级吗？", "可以週日凌晨2點嗎？", "能不能周日凌晨2点", "周日凌晨2点可以", "唔該週日凌晨2點", "周日 - 凌晨2点", "帮我周日凌晨2点升级一下", "劳烦您周日凌晨2点升级", "请帮忙安排在公历8月9日凌晨2点", "周日凌晨2点升级，辛苦了", "周日凌晨2点，辛苦", "周日凌晨2点，麻烦了", "周日凌晨2点可以吗", "周日凌晨2点，好吗？", "周日凌晨2点行吗?", "拜託週日凌晨2點，感恩", "辛苦周日凌晨2点升级", "周日凌晨2点执行", "周日凌晨2点 CST（北京时间）", "北京时间（CST）周日凌晨2点", "周日凌晨2点准时", "澳門時間週日凌晨2點", "周六20:00维也纳时间", "孟买时间周六晚上11点半", "周日清晨2点", "周日凌晨2点🙏", "麻烦安排周日凌晨2点", "帮忙安排周日凌晨2点，感谢", "就周日凌晨2点吧", "那就周日凌晨2点", "周日凌晨2点哦", "周日凌晨2点，多谢啦", "时间：8月9日凌晨2点", "时间: 9号 02:00", "「周日凌晨2点」", "周日凌晨2点", "星期天凌晨两点", "礼拜日 凌晨 2 点 钟", "本周日凌晨2点整", "这个星期日凌晨２点", "周日02:00", "周日０２：００", "周 日 凌 晨 二 点", "凌晨2点，周日。", "周日：凌晨2点",
			"8月9日凌晨2点", "八月九号凌晨两点", "8月9日（周日）02:00", "2026年8月9日2时", "二〇二六年八月九日凌晨二点", "2026/8/9 凌晨2点", "今年8月9号凌晨两点", "本月9号凌晨2点",
			"9号凌晨2点", "8月的第二个周日凌晨2点", "4天后凌晨2点", "四天之后的凌晨两点", "週日淩晨2點", "禮拜天凌晨兩點鐘", "請在週日凌晨2點", "请在周日凌晨2点升级，谢谢。", "周日 2am", "sunday 凌晨2点", "8月9日 at 2am", "aug 9号凌晨2点", "Aug 9日 02:00",
			"周7凌晨2点", "8.9周日凌晨2点", "8-9（周日）凌晨2点", "8.9（日）凌晨2点", "周日（8.9）02:00", "周日 8-9 凌晨2点", "周日AM 2点", "周日：02:00", "8月9日【周日】02:00", "麻烦周日凌晨2点升级。谢谢", "烦请周日凌晨2点", "定于周日凌晨2点", "请安排在周日凌晨2点升级", "周日凌晨2点开始", "请于周日凌晨2点开始升级", "周日凌晨2点进行升级，谢谢", "訂於週日凌晨2點開始", "时间:2026-08-09 02:00", "周日凌晨2点吧", "周日02:00分", "周日凌晨2点00分整", "北京时间周日凌晨2点", "广州时间周日凌晨2点", "周日凌晨2点 马尼拉时间", "周六21:00利雅得时间", "周六22:00 阿布扎比时间", "周日凌晨2点（东八区）", "东八时区周日凌晨2点", "周日02:00（东8时区）", "北京标准时间周日凌晨2点", "周日凌晨2点 中国标准时间", "周日凌晨2点 UTC+8", "周日凌晨3点东京时间", "周六18:00 UTC时间", "周日2点 凌晨", "周日凌晨2.00",
		},
		"2026-08-09T20:30:00+08:00": {"周日2030", "8月9日2030", "8月9日 2030", "4天后2030"},
		"2026-08-07T00:30:00+08:00": {"后天0点30分", "后天零点半", "后天00:30", "后天凌晨0点半", "8月7日零时三十分"},
		"2026-08-07T14:30:00+08:00": {
			"时间：两天后下午2点半", "後日下晝兩點半", "后儿下午两点半钟", "后天1430", "8月7日 1430", "8月7日1430", "1430后天", "后天下午0230", "请在后天1430升级", "2天后1430", "2026年8月7日1430",
			"后天下午两点半", "后天下午2点30分", "后天14点30", "后天十四点三十分", "周五14:30", "周五PM2点半", "周五PM 2点30分", "周五：14:30", "周五：PM 2:30", "周五2点半 下午", "本周五下午2:30", "后天午后两点三十", "后天 2:30pm", "后天14:30 hrs",
		},
		"2026-08-07T14:45:00+08:00": {"后天下午差十五分钟三点", "后天下午三点差十五分钟", "后天下午两点三刻", "后天下午差一刻三点", "后天下午三点差一刻", "后天下午差一刻钟三点", "后天下午三点差一刻钟", "后天下午2点45", "后天下午2点四十五分"},
		"2026-08-07T21:05:00+08:00": {"后天晚上九点零五分", "后天晚上9点05", "后天晚9点过5分", "周五夜里九点五分", "周五晚上9点零5分", "周五晚上9点零5", "后天21:05", "周五晚上21点5分", "后天下午9:05", "2026/8/7 下午 09:05"},
		"2026-08-08T22:00:00+08:00": {"周六当晚10点", "8.8晚上10点", "8.8（六）22:00", "8月8晚上10点", "八月8晚上10点", "8月8 22:00", "2026年8月8周六晚上10点", "周六2200", "周六22:00整", "周六晚上10点钟整", "周六22点正", "周六晚上2200", "8月8日晚上2200", "2026年8月8日2200", "周六晚上1000"},
		"2026-08-06T23:00:00+08:00": {"聽晚11點", "聽日夜晚十一點", "明儿晚上11点", "tomorrow (aug 6) 11pm", "明晚（8月6日）11点", "时间：明晚11点", "tmrw night at 11", "tmr 23:00", "明晚11点", "明天深夜十一点", "明晚23:00", "明天（周四）晚上11点", "明晚 11pm"},
		"2026-08-08T10:00:00+08:00": {"大后天上午10点", "周六早上十点", "三天后上午10点", "周六早间10点"},
		"2026-08-10T06:00:00+08:00": {"周一大清早6点"},
		"2026-08-10T20:00:00+08:00": {"周一 二十点", "下周一，二十点", "8月10日周一二十点"},
		"2026-08-11T12:00:00+08:00": {"周二中午12点 next week", "下周二中午12点", "周二正午", "周二午间12点", "周二晌午12点", "下周的周二中午十二点", "下周周二12:00", "下个周二中午12点"},
		"2026-08-16T02:00:00+08:00": {"放在下周日凌晨2点", "请安排在下周日凌晨2点", "那就下周日凌晨2点", "下周日凌晨2点", "下星期天凌晨两点", "下礼拜日凌晨2点", "下周日（8月16日）凌晨2点"},
		"2026-08-19T02:00:00+08:00": {"下下周三凌晨2点", "俩星期后凌晨2点", "两周后凌晨2点", "2个星期后的凌晨2点", "十四天后凌晨2点"},
		"2026-08-31T02:00:00+08:00": {"请在8-31凌晨2点升级", "时间：8.31凌晨2点", "安排在8.31凌晨2点", "时间：8-31凌晨2点", "本月最後一日凌晨2點", "8.31凌晨2点", "31.8凌晨2点", "8-31凌晨2点", "8月31 2:00", "本月最后一天凌晨2点", "8月最后一天凌晨2点", "8月最后一个周一凌晨2点", "这个月31号凌晨2点"},
		"2026-09-03T02:00:00+08:00": {"下个月第三天凌晨2点", "安排下个月3号凌晨2点", "计划下月3号凌晨2点", "9月第3天凌晨2点", "下一个月3号凌晨2点", "本年9月3日凌晨2点", "下个月3号凌晨2点", "下月3日凌晨2点", "下个月第一个周四凌晨2点"},
		"2026-10-01T02:00:00+08:00": {"下下个月1号凌晨2点", "10月1日凌晨2点"},
		"2026-11-05T02:00:00+08:00": {"三个月后凌晨2点", "11月5号凌晨2点"},
		"2027-01-01T02:00:00+08:00": {"元旦凌晨2点", "明年1月1日凌晨2点"},
		"2026-12-25T20:00:00+08:00": {"圣诞节晚上8点", "聖誕節晚上8點"},
		"2026-08-06T22:17:33+08:00": {"从现在起36小时后", "從現在開始36小時後", "36個鐘後", "三十六个钟头之后", "一天半后", "36小时后", "三十六个小时以后", "1天12小时后", "一天零十二个小时之后", "in 36小时"},
		"2026-08-07T11:47:33+08:00": {"49小时30分后", "再过49小时30分钟", "两天1小时三十分之后", "49.5小时后", "四十九个半小时后"},
		"2026-08-09T02:00:00-04:00": {"纽约时间周日凌晨2点", "周日凌晨2点 ET", "西四区周日凌晨2点"},
	} {
		readAs(t, want, phrases...)
	}
}

// TestCourtesyHasItsPlace reads no words of courtesy where they may say something else.
func TestCourtesyHasItsPlace(t *testing.T) {
	for _, phrase := range []string{
		"make it 2 days later at 2am", "do it 36 hours later", "for a week on sunday 2am", "for 2 days from sunday 2am", "for 36 hours", "let's not do sunday 2am",
		"this tuesday next week 2am", "the week after next tuesday 2am", "tuesday 2 weeks after next 2am", "first tuesday of september next week 2am", "aug 11 next week 2am", "monday next week tuesday 2am", "last day of 2am", "schedule it before sunday 2am", "sunday start 2am", "sunday 2am early", "sunday 10pm start early", "sunday a past 2am", "2 day after tomorrow 2am", "saturday late 2am", "saturday two hundred hours", "sunday 2am start 3am", "sunday 🙏 2am", "sunday 2am 👎", "sunday 2am :no_entry:", "🙏", "sunday 2am?", "sunday? 2am", "? sunday 2am", "how about not sunday 2am", "what about before sunday 2am", "sunday 2am not ok", "sunday ok 2am", "i want 36 hours", "2 days today 2am", "2 weeks today", "in 2 weeks today 2am", "可能周日凌晨2点", "不能周日凌晨2点", "能不周日凌晨2点", "周日凌晨2点不可以", "周日凌晨2点才可以", "周日可以凌晨2点", "我想取消周日凌晨2点", "can you not do sunday 2am", "do not do sunday 2am", "Do 9.8. 22:00", "can we do without sunday 2am", "make it sunday 2am instead", "reschedule for sunday 2am", "we sat at 2am", "i wed at 2am on 12 aug",
		"计划下周日凌晨2点", "計畫下週日凌晨2點", "下个周2周5凌晨2点", "下一周3周五凌晨2点", "下个星期2星期4凌晨2点", "週日凌晨2點沒空", "不建議週日凌晨2點", "麻烦下周日凌晨2点", "帮忙下周日凌晨2点升级", "请升级下周日凌晨2点", "预定下周日凌晨2点", "原计划周日凌晨2点", "计划周日凌晨2点前", "不打算周日凌晨2点", "审批当天凌晨2点", "那天凌晨2点", "周日凌晨2点当天", "从现在起周日凌晨2点", "从现在起36小时内", "周日当晚12点", "周日凌晨2点好了吗", "周日凌晨2点不准点",
		"农历8月9日凌晨2点", "周日开始凌晨2点", "周日凌晨2点不开始", "周日凌晨2点前开始", "暂定于周日凌晨2点", "原定于周日凌晨2点", "不安排在周日凌晨2点", "定于周日凌晨2点前", "周日凌晨2点重新开始", "最后一天凌晨2点", "第三天凌晨2点", "9月第零天凌晨2点", "周日两点半钟头", "周日2点个钟", "听周日晚上10点", "安排下周日凌晨2点", "帮我安排下周日凌晨2点", "周日就凌晨2点", "周日凌晨2点不执行", "周日凌晨2点执行完", "周日凌晨2点执行3次", "感恩节凌晨2点", "感恩周日凌晨2点", "哦周日凌晨2点", "周日凌晨2点？", "周日凌晨2点开始到4点",
	} {
		if reading, refusal := typed(t, phrase, ritasNow, ritasZone); refusal == nil {
			t.Errorf("%q is read as %s", phrase, reading.Time)
		}
	}
}

// TestFiguresThatAreNoTime reads none of what may be a day, an hour or a date: "2026120102" is no second of the year 2034.
func TestFiguresThatAreNoTime(t *testing.T) {
	for _, phrase := range []string{"2026120102", "9 aug - 10.12", "dec 5 - 6.12", "sunday 10 15 pm", "sunday 9 05 am", "aug 10 30 pm", "10 30 pm", "sunday 8 10 30 pm", "sunday 13 30 pm", "sunday 10 75 pm"} {
		if reading, refusal := typed(t, phrase, ritasNow, ritasZone); refusal == nil {
			t.Errorf("%q is read as %s", phrase, reading.Time)
		}
	}
}

// TestAClockTimeToAdd is one with which the day is read. Of a day that has none it is said why.
func TestAClockTimeToAdd(t *testing.T) {
	for phrase, want := range map[string]string{"sunday": "02:00", "tomorrow": "14:30", "明天": "14:30", "next sunday": "", "周日晚上": "02:00"} {
		if _, refusal := typed(t, phrase, ritasNow, ritasZone); refusal == nil || refusal.Remark.Point != NoClock || refusal.Remark.Others != want {
			t.Errorf("%q: %+v", phrase, refusal)
		}
	}
	for phrase, want := range map[string]Kind{"today": TooSoon, "yesterday": Past, "昨天": Past} {
		if _, refusal := typed(t, phrase, ritasNow, ritasZone); refusal == nil || refusal.Kind != want {
			t.Errorf("%q: %+v", phrase, refusal)
		}
	}
}

// TestTheWordThatIsBlamed is the one that nobody knows.
func TestTheWordThatIsBlamed(t *testing.T) {
	for phrase, blamed := range map[string]string{"within 72h": "within", "same time sunday 2am": "same time", "sunday 2am UTC - 4am": "- 4am", "sat/sun 2am": "/sun", "mon 6pm/tue 6pm": "/tue 6pm", "mon 22:00/23:00": "/23:00", "novmber 30 2am": "novmber", "12.5-6周六凌晨2点": "12.5-6", "sunday 2am https://jira.example.com/browse/OPS-42": "https://jira.example.com/browse/OPS-42"} {
		if _, refusal := typed(t, phrase, ritasNow, ritasZone); refusal == nil || refusal.Remark.Point != NotATime || refusal.Part != blamed {
			t.Errorf("%q: %v", phrase, refusal)
		}
	}
}

// TestAZoneThatNobodyKnows is no other word that cannot be read, and no reason for an upgrade.
func TestAZoneThatNobodyKnows(t *testing.T) {
	for phrase, blamed := range map[string]string{"sunday 2am server time": "server time", "on sunday at 2am our time": "our time", "sunday 2am Mars/Base": "mars/base"} {
		if _, refusal := typed(t, phrase, ritasNow, ritasZone); refusal == nil || refusal.Remark.Point != NoSuchZone || refusal.Part != blamed {
			t.Errorf("%q: %v", phrase, refusal)
		}
	}
}

// TestHalfAnHour is asked about: "half two" is 2:30 in Britain, and 1:30 where people think in German.
func TestHalfAnHour(t *testing.T) {
	for phrase, want := range map[string][]string{
		"sunday half two":               {"2026-08-08T17:30:00Z", "2026-08-08T18:30:00Z", "2026-08-09T05:30:00Z", "2026-08-09T06:30:00Z"},
		"sunday at half two pm":         {"2026-08-09T05:30:00Z", "2026-08-09T06:30:00Z"},
		"half eleven at night saturday": {"2026-08-08T14:30:00Z", "2026-08-08T15:30:00Z"},
	} {
		if _, refusal := typed(t, phrase, ritasNow, ritasZone); refusal == nil || !sameInstants(refusal.Candidates, want) {
			t.Errorf("%q: %+v", phrase, refusal)
		}
	}
}

// TestBeforeTwelve asks about minutes to a twelve, which lie in the other half of the day than it.
func TestBeforeTwelve(t *testing.T) {
	for _, phrase := range []string{"sunday quarter to 12 pm", "sunday quarter to twelve am", "sunday twenty to 12pm", "sunday 5 min to 12 am", "周日下午差一刻十二点", "周日差一刻12点"} {
		_, refusal := typed(t, phrase, ritasNow, ritasZone)
		if refusal == nil || refusal.Remark.Point != WhichHalf || len(refusal.Candidates) != 2 {
			t.Errorf("%q: %+v", phrase, refusal)
		}
	}
}

// TestADashMayPart a day from a clock time, as a full stop may, and no more: elsewhere it is the one of a range.
func TestADashMayPart(t *testing.T) {
	for _, phrase := range []string{"sunday 2am–4am", "2026-08-09 02:00–04:00", "2026-08-09T02:00—04:00", "9 aug – 10 aug 2am", "sunday – monday 2am", "8–9 aug 2am", "sunday – 2am – 4am",
		"sunday.. 2am", "sunday. 2", "sunday. no. 2am", "aug 9. 10. 2am", "aug 9. 10 aug 2am", "5. 6. aug 2am", "sunday night - 10pm", "周日 - 2点", "周日–凌晨2点", "周日凌晨2点 - 4点", "周六 - 周日晚上10点", "8月9日 - 10日晚上10点", "周三 - 五晚上10点", "周六晚上 - 凌晨2点", "周日凌晨2点–4点", "in 3 days – 2am", "sunday–2am"} {
		if reading, refusal := typed(t, phrase, ritasNow, ritasZone); refusal == nil {
			t.Errorf("%q is read as %s", phrase, reading.Time)
		}
	}
}

// TestAWeekAfterANightThatIsTooSoon is offered, too.
func TestAWeekAfterANightThatIsTooSoon(t *testing.T) {
	_, refusal := typed(t, "saturday night 2am", "2026-08-08T21:00:00+08:00", ritasZone)
	if refusal == nil || !sameInstants(refusal.Candidates, []string{"2026-08-14T18:00:00Z", "2026-08-15T18:00:00Z"}) {
		t.Errorf("%+v", refusal)
	}
}

// TestARangeInTheEveningIsNoOffset says that the end of it cannot be read, and asks about a range that may be an offset.
func TestARangeInTheEveningIsNoOffset(t *testing.T) {
	for _, phrase := range []string{"2026-08-09 02:00-04:00", "2026/08/09 2:00-4:00", "20260809 22:00-00:00"} {
		if reading, refusal := typed(t, phrase, ritasNow, ritasZone); refusal == nil || refusal.Remark.Point != ZoneOrRange {
			t.Errorf("%q is read as %s, %v", phrase, reading.Time, refusal)
		}
	}
	for _, phrase := range []string{"sunday 22:00-23:00", "周日22:00-24:00"} {
		if _, refusal := typed(t, phrase, ritasNow, ritasZone); refusal == nil || refusal.Remark.Point != NotATime {
			t.Errorf("%q: %v", phrase, refusal)
		}
	}
}

// TestLeapDay reads 29 February where the coming February has it, and else asks.
func TestLeapDay(t *testing.T) {
	for now, read := range map[string]bool{
		"2026-11-25T10:00:00+08:00": false, "2027-02-27T10:00:00+08:00": false, "2027-02-28T10:00:00+08:00": false, "2027-03-01T10:00:00+08:00": true, "2028-02-27T10:00:00+08:00": true,
	} {
		for _, phrase := range []string{"feb 29 2pm", "2月29日下午2点"} {
			reading, refusal := typed(t, phrase, now, ritasZone)
			if refusal != nil && refusal.Kind != Ambiguous || (refusal == nil) != read || read && reading.Time.Format("2006-01-02") != "2028-02-29" {
				t.Errorf("%q at %s is read as %s, %v", phrase, now, reading.Time, refusal)
			}
		}
	}
}

// TestALetterBehindAWord asks about a slip of the finger that would count seconds or minutes.
func TestALetterBehindAWord(t *testing.T) {
	for phrase, asked := range map[string]bool{"in 36 hour3s": true, "in 7 day8s": true, "in 2 days 2m": true, "36h20s": false, "in 36 hours 20 sec": false, "3d29m": false} {
		_, refusal := typed(t, phrase, ritasNow, ritasZone)
		if (refusal != nil) != asked || asked && refusal.Kind != Ambiguous {
			t.Errorf("%q: %v", phrase, refusal)
		}
	}
}

// TestWeekDates reads the weeks that a year has, at either end of it.
func TestWeekDates(t *testing.T) {
	readAs(t, "2027-01-03T02:00:00+08:00", "2026-W53-7 02:00")
	readAs(t, "2027-01-04T02:00:00+08:00", "2027-W01-1 02:00")
	for _, phrase := range []string{"2026-W54-1 02:00", "2027-W53-1 02:00", "2027-W00-1 02:00", "2026-W50-0 02:00", "2026-W50-8 02:00", "2026-W50 02:00", "W50-7 02:00", "2026-W5-7 02:00"} {
		if reading, refusal := typed(t, phrase, ritasNow, ritasZone); refusal == nil {
			t.Errorf("%q is read as %s", phrase, reading.Time)
		}
	}
}

// TestNumerals reads the numbers of Chinese, and none of what is no number.
func TestNumerals(t *testing.T) {
	for n := range 100 {
		for text, want := range map[string]int{chineseNumber(n): n, "两百" + chineseHundredth(n): 200 + n, "零" + chineseNumber(n): n} {
			if got := numeral([]rune(text)); got.kind != number || got.n != want {
				t.Errorf("%s is read as %d, %v", text, got.n, got.kind)
			}
		}
	}
	for text, want := range map[string]int{"廿": 20, "廿三": 23, "卅一": 31, "一十二": 12, "二〇二六": 2026, "二零二七": 2027, "〇八": 8, "两": 2, "一百零五": 105, "一百一十": 110} {
		if got := numeral([]rune(text)); got.kind != number || got.n != want {
			t.Errorf("%s is read as %d, %v", text, got.n, got.kind)
		}
	}
	for _, text := range []string{"三四", "十五六", "二三十", "两三", "一百五", "百", "十十", "二两", "两十", "十两", "三廿", "一百零", "一百零零五", "一二三", "二十零", "三百百", "一百廿廿"} {
		if got := numeral([]rune(text)); got.kind != roughly {
			t.Errorf("%s is read as %d", text, got.n)
		}
	}
}

// chineseHundredth writes what stands behind a hundred.
func chineseHundredth(n int) string {
	switch {
	case n == 0:
		return ""
	case n < 10:
		return "零" + chineseNumber(n)
	case n < 20:
		return "一" + chineseNumber(n)
	}
	return chineseNumber(n)
}

// TestANameOfTheAskersOwnZone asks those to whose zone the name belongs, too, and nobody else.
func TestANameOfTheAskersOwnZone(t *testing.T) {
	const now, there = "2026-12-02T10:00:00+08:00", "2026-12-04T21:00:00"
	for phrase, c := range map[string]struct{ home, own string }{
		"friday 9pm PST": {"Asia/Manila", "+08:00"}, "friday 9pm EST": {"Australia/Sydney", "+11:00"}, "friday 9pm eastern time": {"Australia/Brisbane", "+10:00"},
	} {
		_, refusal := typed(t, phrase, now, c.home)
		own, _ := time.Parse(time.RFC3339, there+c.own)
		if refusal == nil || len(refusal.Candidates) != 2 || !refusal.Candidates[0].Time.Equal(own) {
			t.Errorf("%q in %s: %+v", phrase, c.home, refusal)
		}
		if _, refusal := typed(t, phrase, now, "America/New_York"); refusal != nil {
			t.Errorf("%q in New York: %v", phrase, refusal)
		}
	}
}

// TestADateSettlesADayInTheSmallHours, which else may be counted from yesterday.
func TestADateSettlesADayInTheSmallHours(t *testing.T) {
	const now = "2026-08-05T02:00:00+08:00"
	for phrase, want := range map[string]string{
		"后天（8月6日）晚上10点": "2026-08-06T22:00:00+08:00", "后天（8月7日）晚上10点": "2026-08-07T22:00:00+08:00", "后天晚上10点": "", "后天（8月8日）晚上10点": "",
		"后天明天晚上10点": "", "后天（明天）晚上10点": "",
	} {
		reading, refusal := typed(t, phrase, now, ritasZone)
		if read := refusal == nil; read != (want != "") || read && reading.Time.Format(time.RFC3339) != want {
			t.Errorf("%q is read as %s, %v", phrase, reading.Time, refusal)
		}
	}
}

// TestTheAskersOwnAbbreviation reads a name that the asker's own clocks go by in any season.
func TestTheAskersOwnAbbreviation(t *testing.T) {
	for _, c := range []struct{ phrase, zone, want string }{
		{"jan 8 9pm AEST", "Australia/Brisbane", "2027-01-08T21:00:00+10:00"}, {"jan 8 9pm AEST", "Australia/Sydney", ""},
		{"aug 8 9pm MST", "America/Phoenix", "2026-08-08T21:00:00-07:00"}, {"aug 8 9pm MST", "America/Denver", ""},
		{"dec 8 9pm british summer time", "Europe/London", ""}, {"aug 8 9pm EST", "America/Panama", "2026-08-08T21:00:00-05:00"}, {"aug 8 9pm CST", "America/Costa_Rica", ""},
	} {
		reading, refusal := typed(t, c.phrase, ritasNow, c.zone)
		if refusal == nil && reading.Time.Format(time.RFC3339) != c.want || refusal != nil && (c.want != "" || refusal.Kind != Ambiguous) {
			t.Errorf("%q in %s is read as %s, %v", c.phrase, c.zone, reading.Time, refusal)
		}
	}
}

func TestLimits(t *testing.T) {
	now := time.Date(2026, 8, 5, 10, 0, 0, 0, time.UTC)
	limits := Limits{Min: 24*time.Hour + 5*time.Minute, Max: 60 * 24 * time.Hour}
	for _, c := range []struct {
		phrase     string
		kind       Kind
		candidates []string
	}{
		{"in 24 hours 5 minutes", "", nil},
		{"thursday 10:04", TooSoon, []string{"2026-08-06T10:15:00Z", "2026-08-13T10:04:00Z"}},
		{"tomorrow 9am", TooSoon, []string{"2026-08-06T10:15:00Z"}},
		{"in 60 days", "", nil},
		{"in 61 days", TooFar, nil},
		{"today 9am", Past, nil},
		{"yesterday 11pm", Past, nil},
		{"now", TooSoon, []string{"2026-08-06T10:15:00Z"}},
		{"ASAP!", TooSoon, []string{"2026-08-06T10:15:00Z"}},
		{"馬上", TooSoon, []string{"2026-08-06T10:15:00Z"}},
		{"sunday now", Invalid, nil},
	} {
		_, err := Parse(c.phrase, now, time.UTC, limits)
		refusal, _ := errors.AsType[*Error](err)
		switch {
		case c.kind == "" && err != nil, c.kind != "" && (refusal == nil || refusal.Kind != c.kind):
			t.Errorf("%q: %v", c.phrase, err)
		case refusal != nil && !sameInstants(refusal.Candidates, c.candidates):
			t.Errorf("%q offers %v", c.phrase, refusal.Candidates)
		}
	}
}

// TestTheEarliestMayBeChosenAtLeisure: who chooses it five minutes later is not told that it is too soon by then.
func TestTheEarliestMayBeChosenAtLeisure(t *testing.T) {
	limits := Limits{Min: 24*time.Hour + 5*time.Minute}
	for past := range 300 {
		now := time.Date(2026, 8, 5, 10, 0, past, 0, time.UTC)
		earliest := limits.Refuse(now.Add(time.Hour), now).Candidates[0].Time
		if refusal := limits.Refuse(earliest, now.Add(5*time.Minute)); refusal != nil {
			t.Errorf("%s is offered at %s: %v", earliest, now, refusal)
		}
	}
}

func TestLimitsRefuseWhatParseDoes(t *testing.T) {
	now := time.Date(2026, 8, 5, 10, 0, 0, 600, time.UTC)
	for _, limits := range []Limits{{}, {Min: 24*time.Hour + 5*time.Minute, Max: 60 * 24 * time.Hour}} {
		for _, bound := range []time.Duration{0, limits.Min, limits.Max, farthest} {
			for _, beside := range []time.Duration{-time.Second, 0, time.Second} {
				at := now.Truncate(time.Second).Add(bound + beside)
				_, err := Parse(at.Format(time.RFC3339), now, time.UTC, limits)
				var refusal *Error
				errors.As(err, &refusal)
				if got := limits.Refuse(at, now); !reflect.DeepEqual(got, refusal) {
					t.Errorf("%+v: %s: %+v, but Parse says %+v", limits, at.Sub(now), got, refusal)
				}
			}
		}
	}
}

// TestEachCandidateIsAllowed presses every button that a question offers.
func TestEachCandidateIsAllowed(t *testing.T) {
	for _, line := range allPhrases(t) {
		_, refusal := typed(t, line.Phrase, line.Now, line.TZ)
		if refusal == nil {
			continue
		}
		for _, c := range refusal.Candidates {
			if _, again := typed(t, c.Time.UTC().Format(time.RFC3339), line.Now, line.TZ); again != nil {
				t.Errorf("%q offers %s: %v", line.Phrase, c.Time, again)
			}
		}
	}
}

// TestAskedAbout asks what two readers may take differently, and refuses what has passed or comes too soon.
func TestAskedAbout(t *testing.T) {
	for phrase, kind := range map[string]Kind{
		"六日晚上10点": Ambiguous, "周日凌晨2点 8.9": Ambiguous, "周日 8.10": Ambiguous, "周五7/8晚上10点": Ambiguous, "后天（7/8）凌晨2点": Ambiguous, "first sunday 2am": Invalid, "最后一个周日凌晨2点": Invalid, "a week from this monday 2am": Ambiguous, "sunday 10 uhr": Ambiguous, "20-8 22:00": Ambiguous, "sunday 030am": Ambiguous,
		"in half an hour": TooSoon, "sunday 0:30pm": Invalid, "sunday 0am": Invalid, "sunday 2am +10 min": Invalid, "dec 10 +12 10pm": Invalid, "sunday 2am +8": Invalid, "周日凌晨2点?": Ambiguous, "周日下午12时差10分": Ambiguous, "周日下午差一刻12时": Ambiguous, "周日凌晨2点嗎？": Ambiguous, "sunday 2am?!": Ambiguous, "sunday half past midnight": Ambiguous, "sunday, ten past midnight": Ambiguous, "quarter after midnight sunday": Ambiguous, "sunday 70 past midnight": Invalid, "fifth thursday of january 2am": Invalid, "周日凌晨2点不行吗": Invalid, "周日凌晨2点好吗?周一": Invalid, "周日再过36小时": Invalid, "sunday 2am -05": Invalid, "z周日凌晨2点": Invalid, "周日z晨2点": Invalid, "sunday z02:00": Invalid,
	} {
		if reading, refusal := typed(t, phrase, ritasNow, ritasZone); refusal == nil || refusal.Kind != kind {
			t.Errorf("%q is read as %s, %v", phrase, reading.Time, refusal)
		}
	}
}

// TestTheSameTimeInOtherWords reads what people put around a time, and a clock time that is said twice.
func TestTheSameTimeInOtherWords(t *testing.T) {
	readAs(t, "2026-08-09T02:00:00+08:00", "sunday 2am...", "sunday 2am…", "周日凌晨2点……", "sunday 2am (02:00)", "sunday 02:00 (2am)", "周日凌晨2点（02:00）", "sunday 2am / 02:00",
		"hi, sunday 2am", "您好，周日凌晨2点，谢谢", "maintenance window: sunday 2am", "sunday 2am window", "维护窗口：周日凌晨2点", "Date: 2026-08-09 Time: 02:00",
		"日期：8月9日 时间：凌晨2点", "when: sunday 2am", "今個星期日凌晨2點", "民國115年8月9日凌晨2點", "週日凌晨2點，唔該晒", "周日凌晨2点行不行",
		"«sunday 2am»", "《周日凌晨2点》", "sunday 2am :pray::pray:", "sunday 2am :heart::skin-tone-2::pray:", "sunday 2am ✅", "sunday 2am ❤️", "sunday 2am only", "sunday 2am, kindly do the needful", "schedule it on sunday 2am", "book it on sunday at 2am", "sunday 2am my timezone", "sunday 2am in my tz", "Date: 9 Aug Time: 2am Zone: SGT",
		"大家好，周日凌晨2点", "周日凌晨2点，辛苦啦！", "周日凌晨2点做升级", "sunday 2am (9 aug 02:00)", "sunday 2am (Sun 2026-08-09 02:00)", "周日凌晨2点（8月9日02:00）", "周日凌晨2点（周日02:00）", "sunday 02:00 SGT = 18:00 UTC on saturday", "sunday 2am SGT (18:00 UTC)", "aug 9 2am SGT / 2pm EDT", "周日凌晨2点（18:00 UTC）", "周日晨2点", "週日上晝兩點", "sunday 2am SGT (+08:00)")
	readAs(t, "2026-08-09T02:00:00+02:00", "sunday 2am timezone Europe/Berlin", "sunday 2am tz: CEST", "欧洲中部时间周日凌晨2点")
	readAs(t, "2026-08-09T02:00:00Z", "世界时周日02:00")
	readAs(t, "2027-01-03T02:00:00+08:00", "元月3號凌晨2點", "2027年元月3日凌晨2点")
	readAs(t, "2026-08-06T20:00:00+08:00", "次日20:00", "翌日晚上8點")
	readAs(t, "2026-08-06T10:27:33+08:00", "1450 minutes")
	readAs(t, "2026-08-09T14:00:00+08:00", "sunday 14h")
	readAs(t, "2026-08-09T06:00:00+08:00", "周日一大早6点")
}

// TestWhatMayBeALengthOrAYear is asked about, as is a clock time that is said in two ways, where they are two.
func TestWhatMayBeALengthOrAYear(t *testing.T) {
	for _, phrase := range []string{"sunday 2h", "sunday 2h30", "9 aug evening 2026", "周日晚上2026", "15.8.2026 20.12.", "sunday 2am (14:00)", "sunday 2am (3am)", "sunday 2am / 3am", "周日凌晨2点（3点）",
		"周六次日凌晨2点", "周日次日20:00", "明天次日20:00", "12月5日次日凌晨2点", "周日一大早", "周日2…4点", "sunday... 2am", "no maintenance window sunday 2am", "周日凌晨2点 2小时窗口",
		"元月初三凌晨2点", "元月十五凌晨2点", "定下周日凌晨2点", "周日凌晨2点不做", "friday 10pm weekdays only", "sunday 2am your timezone", "sunday 2am timezone", "sunday 2am (10 aug 02:00)", "sunday 2am (monday 3am)", "周日凌晨2点（周一02:00）", "sunday 2am = 3am", "sunday 2am SGT (17:00 UTC)", "sunday 2am / 18:00", "sunday 2am (not monday 2am)", "周日凌晨2点（下周日凌晨2点）", "sunday 2am SGT (-04:00)", "sunday 2am :pray::x:"} {
		if reading, refusal := typed(t, phrase, ritasNow, ritasZone); refusal == nil {
			t.Errorf("%q is read as %s", phrase, reading.Time)
		}
	}
}
