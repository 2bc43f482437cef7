package timephrase

import (
	"maps"
	"slices"
	"time"
)

// englishWords is the vocabulary of English times.
var englishWords = []words{
	names(weekdayName, 0, "sunday sun", "monday mon", "tuesday tue tues", "wednesday wed weds", "thursday thu thur thurs",
		"friday fri", "saturday sat"),
	names(monthName, 1, "january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
		"september sep sept", "october oct", "november nov", "december dec"),
	names(number, 1, "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
		"fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
	names(number, 30, "thirty"), names(number, 40, "forty"), names(number, 50, "fifty"),
	names(number, 60, "sixty"), names(number, 70, "seventy"), names(number, 80, "eighty"), names(number, 90, "ninety"),
	names(ordinalName, 1, "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
		"twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth"),
	names(ordinalName, 30, "thirtieth"),
	names(lastName, 0, "last"),
	names(unitName, secondUnit, "seconds sec secs s", "minute minutes min mins", "hour hours hour's hr hrs h", "day days day's d",
		"week weeks week's wk wks w", "fortnight fortnights fortnight's", "month months month's", "m"),
	names(daypartName, morning, "morning", "afternoon arvo", "evening", "night nite"),
	{halfOfDay, 0, [][]string{{"am", "a m"}}}, {halfOfDay, 12, [][]string{{"pm", "p m"}}},
	names(relativeDay, -1, "yesterday", "today", "tomorrow tmrw tmr tmw"),
	names(holiday, 214, "valentine's valentines valentine"),
	names(holiday, 1031, "halloween"),
	names(holiday, 1225, "christmas xmas"),
}

// Names are the longer English names of days, months, parts of a day and lengths of time, and 凌晨: what people
// misspell.
var Names = append(longNames(weekdayName, monthName, daypartName, relativeDay, holiday), "hours", "minutes", "weeks", "midnight", "凌晨")

// Knows tells a word that means something in a time, and is no misspelt one.
func Knows(word string) bool { return vocabulary().knows(word) && !slices.Contains(misspelt, word) }

// misspelt are words that Chinese would be cut inside of.
var misspelt = []string{"零晨", "临晨", "凌辰", "零辰"}

func longNames(kinds ...kind) []string {
	var all []string
	for _, w := range englishWords {
		for _, name := range slices.Concat(w.groups...) {
			if slices.Contains(kinds, w.kind) && len(name) >= 5 {
				all = append(all, name)
			}
		}
	}
	return all
}

// englishPlaces are the places whose clocks English names before "time", or behind a clock time.
var englishPlaces = map[string]string{
	"beijing": "Asia/Shanghai", "shanghai": "Asia/Shanghai", "shenzhen": "Asia/Shanghai", "china": "Asia/Shanghai", "taipei": "Asia/Taipei", "taiwan": "Asia/Taipei",
	"tokyo": "Asia/Tokyo", "japan": "Asia/Tokyo", "japanese": "Asia/Tokyo", "seoul": "Asia/Seoul", "korea": "Asia/Seoul",
	"korean": "Asia/Seoul", "singapore": "Asia/Singapore", "sg": "Asia/Singapore",
	"bangkok": "Asia/Bangkok", "thailand": "Asia/Bangkok", "jakarta": "Asia/Jakarta", "india": "Asia/Kolkata",
	"indian": "Asia/Kolkata", "dubai": "Asia/Dubai",
	"riyadh": "Asia/Riyadh", "moscow": "Europe/Moscow", "istanbul": "Europe/Istanbul", "berlin": "Europe/Berlin", "frankfurt": "Europe/Berlin",
	"germany": "Europe/Berlin", "german": "Europe/Berlin", "munich": "Europe/Berlin", "paris": "Europe/Paris",
	"france": "Europe/Paris", "french": "Europe/Paris", "madrid": "Europe/Madrid", "rome": "Europe/Rome",
	"amsterdam": "Europe/Amsterdam", "zurich": "Europe/Zurich", "vienna": "Europe/Vienna", "warsaw": "Europe/Warsaw",
	"stockholm": "Europe/Stockholm", "brussels": "Europe/Brussels", "copenhagen": "Europe/Copenhagen", "oslo": "Europe/Oslo",
	"helsinki": "Europe/Helsinki", "prague": "Europe/Prague", "budapest": "Europe/Budapest", "seattle": "America/Los_Angeles", "denver": "America/Denver",
	"dallas": "America/Chicago", "houston": "America/Chicago", "atlanta": "America/New_York", "vancouver": "America/Vancouver",
	"california": "America/Los_Angeles", "phoenix": "America/Phoenix", "arizona": "America/Phoenix",
	"boston": "America/New_York", "perth": "Australia/Perth", "dublin": "Europe/Dublin", "ireland": "Europe/Dublin", "london": "Europe/London",
	"uk": "Europe/London", "british": "Europe/London", "lisbon": "Europe/Lisbon",
	"chicago": "America/Chicago", "eastern": "America/New_York", "central": "America/Chicago", "mountain": "America/Denver",
	"pacific": "America/Los_Angeles", "johannesburg": "Africa/Johannesburg", "cairo": "Africa/Cairo", "nairobi": "Africa/Nairobi",
	"adelaide": "Australia/Adelaide", "hawaii": "Pacific/Honolulu", "honolulu": "Pacific/Honolulu",
	"sydney": "Australia/Sydney", "melbourne": "Australia/Melbourne", "brisbane": "Australia/Brisbane", "auckland": "Pacific/Auckland", "new zealand": "Pacific/Auckland", "nz": "Pacific/Auckland",
	"manila": "Asia/Manila", "guangzhou": "Asia/Shanghai", "abu dhabi": "Asia/Dubai", "mexico city": "America/Mexico_City",
	"mumbai": "Asia/Kolkata", "delhi": "Asia/Kolkata", "bangalore": "Asia/Kolkata", "bengaluru": "Asia/Kolkata", "chennai": "Asia/Kolkata",
	"kolkata": "Asia/Kolkata", "osaka": "Asia/Tokyo", "macau": "Asia/Macau", "vietnam": "Asia/Ho_Chi_Minh", "hanoi": "Asia/Ho_Chi_Minh",
	"lima": "America/Lima", "bogota": "America/Bogota", "toronto": "America/Toronto", "buenos aires": "America/Argentina/Buenos_Aires",
	"hong kong": "Asia/Hong_Kong", "hongkong": "Asia/Hong_Kong", "hk": "Asia/Hong_Kong",
	"kuala lumpur": "Asia/Kuala_Lumpur", "kl": "Asia/Kuala_Lumpur", "new york": "America/New_York", "nyc": "America/New_York", "ny": "America/New_York", "los angeles": "America/Los_Angeles", "la": "America/Los_Angeles",
	"san francisco": "America/Los_Angeles", "sao paulo": "America/Sao_Paulo", "us eastern": "America/New_York",
	"us central": "America/Chicago", "us mountain": "America/Denver", "us pacific": "America/Los_Angeles",
	"greenwich mean": "UTC", "coordinated universal": "UTC",
	"são paulo": "America/Sao_Paulo", "brasilia": "America/Sao_Paulo", "brasília": "America/Sao_Paulo", "bogotá": "America/Bogota", "zürich": "Europe/Zurich",
	"santiago": "America/Santiago", "peru": "America/Lima", "colombia": "America/Bogota", "chinese": "Asia/Shanghai", "cn": "Asia/Shanghai",
	"malaysia": "Asia/Kuala_Lumpur", "malaysian": "Asia/Kuala_Lumpur", "thai": "Asia/Bangkok", "philippine": "Asia/Manila", "philippines": "Asia/Manila",
	"uae": "Asia/Dubai", "saudi": "Asia/Riyadh", "turkey": "Europe/Istanbul", "turkish": "Europe/Istanbul", "egypt": "Africa/Cairo",
	"south africa": "Africa/Johannesburg", "south african": "Africa/Johannesburg", "lagos": "Africa/Lagos", "irish": "Europe/Dublin",
	"italy": "Europe/Rome", "swiss": "Europe/Zurich", "dutch": "Europe/Amsterdam", "athens": "Europe/Athens", "greece": "Europe/Athens",
	"nepal": "Asia/Kathmandu", "kathmandu": "Asia/Kathmandu", "pakistan": "Asia/Karachi", "karachi": "Asia/Karachi",
	"bangladesh": "Asia/Dhaka", "dhaka": "Asia/Dhaka", "sri lanka": "Asia/Colombo", "colombo": "Asia/Colombo",
	"cambodia": "Asia/Phnom_Penh", "laos": "Asia/Vientiane", "myanmar": "Asia/Yangon",
	"israel": "Asia/Jerusalem", "iran": "Asia/Tehran", "tehran": "Asia/Tehran", "qatar": "Asia/Qatar", "kuwait": "Asia/Kuwait",
}

// fillers are words without a meaning of their own beside an upgrade, in both languages.
var fillers = []string{
	",", "please", "pls", "plz", "kindly", "thanks", "thx", "sharp", "exactly", "early", "itself", "hi", "hello", "hey",
	"麻烦", "麻烦你", "帮手", "烦请", "劳烦", "您", "您好", "你好", "大家好", "各位好", "帮我", "帮我们", "帮忙", "唔该", "唔该晒", "公历", "阳历", "吧", "的", "在", "于", "请", "谢谢", "感谢", "多谢", "准时", "准点", "当天", "那天", "升级",
}

// openings and closings are words that say no more than that there shall be an upgrade at the time behind or before them,
// in both languages, by themselves and one after another. requests are what may stand before an opening or for one, which makes a question of it.
var (
	openings = []string{
		"ok", "okay", "yes", "yep", "sure", "fine", "let's say", "lets say", "let's", "lets", "let's do", "lets do", "let us",
		"let us do", "say", "i", "we", "i'd like", "we'd like", "would like", "want", "want to", "need", "has to be", "needs to be",
		"must be", "should be", "to be", "to be done", "should be done", "to be started", "to be executed", "should", "will", "is",
		"make it", "do it", "do this", "do upgrade", "it", "this", "for", "upgrade", "run", "start",
		"to start", "starting", "starts", "begin", "perform", "execute", "schedule", "scheduled", "plan", "planned", "book", "go",
		"go with", "use", "set it to", "set time to", "set for", "time", "date", "change start", "implementation", "time is",
		"start time", "maintenance", "maintenance window", "change window", "window", "team", "everyone",
		"维护窗口", "变更窗口", "窗口", "维护时间", "变更时间", "开始时间", "执行时间",
		"停机时间", "变更开始时间", "时间", "日期", "为", "是", "大家", "各位", "好的", "行", "嗯", "协助", "我", "我们", "咱们", "想", "我想", "我要", "希望", "计划", "打算", "拟",
		"预计", "建议", "申请", "需要", "需", "排期", "请问", "预定", "预定于", "预约", "预约在", "订在", "定于", "定在", "定为", "订于", "就", "那就", "定", "就定", "选",
		"一下", "开始", "操作时间", "实施时间", "割接时间", "会议时间", "升级时间", "排到", "好", "收到", "没问题", "还是", "安排", "安排在", "安排于", "安排到", "安排喺", "排",
		"排在", "放在", "放到", "拜托", "辛苦", "辛苦了", "劳驾",
	}
	requests = []string{
		"can we", "could we", "can you", "could you", "would you", "shall we", "may we", "can i", "could i", "can it be",
		"is it possible to", "would it be possible to", "how about", "what about", "能", "能否", "能不能", "可以", "可不可以", "可否",
	}
	closings = []string{
		"thank you", "very much", "a lot", "so much", "maintenance window", "change window", "window", "维护窗口", "变更窗口", "thank u",
		"ty", "ta", "tks", "many", "cheers", "if possible", "start", "ok", "okay", "is", "fine", "best", "works best", "team",
		"everyone", "regards", "kind regards", "best regards", "works", "for me", "for us", "by me", "with me", "would be",
		"should be", "great", "good", "perfect", "ideal", "in advance", "should work", "will do", "looks good", "sounds good",
		"for upgrade", "it is", "then", "only", "do needful", "开始", "启动", "进行", "执行", "操作", "安排", "请审批", "请批准", "请知悉", "升", "做", "弄",
		"搞", "一下", "来一下", "就好", "就行", "时候", "这个时候", "这个时间", "哦", "喔", "哈", "啦", "喇", "啊", "呀", "啰", "咯", "噢", "呗", "辛苦", "辛苦了", "大家",
		"各位", "有劳", "麻烦了", "拜托", "拜托了", "感恩", "可以", "可以吗", "ok 吗", "好吗", "好不好", "行吗", "行不行", "行么", "可以么", "可否", "怎么样", "如何", "方便吗",
		"得唔得", "好唔好",
	}
)

// emoji are the pictures that say no more than "please", "thanks" or "a time", with the names that Slack sends for them.
var emoji = map[string]string{
	":pray:": "🙏", ":+1:": "👍", ":thumbsup:": "👍", ":ok_hand:": "👌", ":raised_hands:": "🙌", ":bow:": "🙇", ":slightly_smiling_face:": "🙂",
	":blush:": "😊", ":grinning:": "😀", ":smile:": "😄", ":sweat_smile:": "😅", ":wink:": "😉", ":rocket:": "🚀", ":alarm_clock:": "⏰",
	":date:": "📅", ":calendar:": "📆", ":tada:": "🎉", ":muscle:": "💪", ":white_check_mark:": "✅", ":heart:": "❤",
}

var pictures = slices.Collect(maps.Values(emoji))

// vague are the words of what is more days than one, in both languages, with true for those that say it alone.
var vague = map[string]bool{
	"weekend": true, "next": false, "this": false, "the": false, "in": false, "at": false, "of": false, "end": false, "mid": false,
	"middle": false, "beginning": false, "start": false, "late": false, "quarter": true, "year": true,
	"周末": true, "月底": true, "月末": true, "月尾": true, "月初": true, "年底": true, "年末": true, "年尾": true, "年初": true, "季末": true, "季度": true, "下": false, "下个": false, "下一": false, "下一个": false, "下下": false, "本": false, "这": false, "这个": false,
	"月": true, "底": false, "末": false, "初": false, "中": false, "上旬": false, "中旬": false, "下旬": false,
}

// englishForms are the ways to write a time in English.
var englishForms = forms{
	zonePart: {
		write("ABBREVIATION [,] [(] PLACE [time|时间] [)]", agreedZone),
		write("PLACE [time|时间] [,] [(] ABBREVIATION [)]", agreedZone),
		write("[in] [local] PLACE [local] time|timezone [zone]", placeZone),
		write("[my] local time [in] [(] PLACE [)]", placeZone),
		write("[my] local [time]", ownZone),
		write("[in] my time|timezone|tz", ownZone),
		write("PLACE standard time", seasonZone("st")),
		write("PLACE daylight time", seasonZone("dt")),
		write("[in] PLACEBEHIND", placeZone),
	},
	durationPart: {
		write("in half a|an UNIT", halfAhead),
		write("half a|an UNIT later", sinceUnsaid(halfAhead)),
		write("in COUNT UNIT and a half", aheadAndHalf),
		write("COUNT UNIT and a half from now", aheadAndHalf),
		write("COUNT UNIT and a half later", sinceUnsaid(aheadAndHalf)),
		write("[in] COUNT UNIT [JOIN] [JOIN] [MORE] [UNIT] [JOIN] [JOIN] [MORE] [UNIT] from now", ahead),
		write("in [exactly] COUNT UNIT [JOIN] [JOIN] [MORE] [UNIT] [JOIN] [JOIN] [MORE] [UNIT] [time]", ahead),
		write("in COUNT ~. ~FRACTION UNIT [time]", aheadDecimal),
		write("in COUNT ~, ~FIGURE UNIT [time]", aheadComma),
		write("COUNT UNIT [JOIN] [JOIN] [MORE] [UNIT] [JOIN] [JOIN] [MORE] [UNIT] later", sinceUnsaid(ahead)),
		write("COUNT UNIT [JOIN] [JOIN] [MORE] [UNIT] [JOIN] [JOIN] [MORE] [UNIT] hence", ahead),
		write("COUNT ~. ~FRACTION UNIT from now", aheadDecimal),
		write("COUNT ~. ~FRACTION UNIT later", sinceUnsaid(aheadDecimal)),
		write("COUNT ~. ~FRACTION UNIT hence", aheadDecimal),
		write("in COUNT and a|an half UNIT", aheadAndHalf),
		write("COUNT and a|an half UNIT from now", aheadAndHalf),
		write("COUNT CALENDARUNIT from|after today", ahead),
		write("COUNT WEEKS today", ahead),
	},
	yearPart: {
		write("of|in YEAR", yearOf(0)),
		write("this|the year", yearsAhead(0)),
		write("next year", yearsAhead(1)),
	},
	datePart: {
		write("FIGURES ~-|/|. ~MONTH ~-|/|. ~FOUR", dayMonthYear),
		write("FIGURES ~MONTH ~THISCENTURY", dayMonthYear),
		write("FIGURES ~-|/|. ~MONTH ~-|/|. ~TWO", shortYear),
		write("FOUR ~-|/ ~MONTH ~-|/ ~FIGURES", yearMonthDay),
		write("NUMBER MONTH [~.] [,] ['] SHORTYEAR", shortYear),
		write("MONTH [~.] NUMBER [,] ['] SHORTYEAR", monthDayShortYear),
		write("FIGURES ~-|/ ~MONTH", dayMonth),
		write("MONTH ~-|/ ~FIGURES ~-|/ ~FOUR", monthDayYear),
		write("MONTH ~-|/ ~FIGURES", monthDay),
		write("NTH WEEKDAY [of|in|this] MONTH", weekdayOfMonth),
		write("NTH WEEKDAY [of|in] [the] next month", weekdayOfNearMonth(1)),
		write("NTH WEEKDAY [of|in] this month", weekdayOfNearMonth(0)),
		write("NTH WEEKDAY [of|in] the month", weekdayOfTheMonth),
		write("MONTH [the] NTHWORD WEEKDAY", weekdayOfHanMonth),
		write("next month [,] [on] [the] NTH WEEKDAY", weekdayOfNearMonth(1)),
		write("this month [,] [on] [the] NTH WEEKDAY", weekdayOfNearMonth(0)),
		write("last day of|in MONTH", lastDayOfMonth),
		write("last day of next month", lastDayAhead(1)),
		write("last day of [this|the] month", lastDayAhead(0)),
		write("last day [of]", lastDayOfYear),
		write("AWEEK WEEKS on WEEKDAY", weeksFromWeekday),
		write("AWEEK WEEKS TOMORROW", daysFromTomorrow),
		write("COUNT CALENDARUNIT from|after WEEKDAY", weeksFromWeekday),
		write("COUNT CALENDARUNIT from|after this WEEKDAY", weeksFromThisWeekday),
		write("COUNT CALENDARUNIT from|after TOMORROW", daysFromTomorrow),
		write("NUMBER [day] of [the] next month", dayOfMonthAhead(1)),
		write("ORDINAL next month", dayOfMonthAhead(1)),
		write("next month [,] [on] [the] NUMBER", dayOfMonthAhead(1)),
		write("NUMBER [day] of this month", dayOfMonthAhead(0)),
		write("NUMBER [day] of the month", ordinalDay),
		write("ORDINAL this month", dayOfMonthAhead(0)),
		write("this month [,] [on] [the] NUMBER", dayOfMonthAhead(0)),
		write("NUMBER [day] [of] MONTH [~.]", dayMonth),
		write("FIRSTFIGURES ~. MONTH [~.]", dayMonth),
		write("MONTH [~.] [,] [the] NUMBER [日|号]", monthDay),
		write("tonight|tonite", partOfToday(night)),
		write("this morning", partOfToday(morning)),
		write("this afternoon", partOfToday(afternoon)),
		write("this evening", partOfToday(evening)),
		write("christmas|xmas eve", eveOn(24)),
		write("new year's|years eve", eveOn(31)),
		write("nye", eveOn(31)),
		write("new year's|years day", holidayOn(time.January, 1)),
		write("boxing day", holidayOn(time.December, 26)),
		write("st|saint [.] patrick's|patricks day", holidayOn(time.March, 17)),
		write("HOLIDAY [day]", aHoliday),
		write("[the] ORDINAL", ordinalDay),
	},
	besidePart: {
		write("[of] this WEEKOFDAY", besideWeek(0)),
		write("[of] next WEEKOFDAY", besideWeek(1)),
		write("[of] [the] WEEKOFDAY after LASTNEXT", besideWeek(2)),
	},
	weekdayPart: {
		write("WEEKDAY week", weekdayWeek),
		write("[the] WEEKDAY after next", secondNextWeekday),
		write("next WEEKDAY [~.]", nextWeekday),
		write("[this] coming|upcoming WEEKDAY [~.]", comingWeekday),
		write("[this] WEEKDAY [~.] coming", comingWeekday),
		write("this WEEKDAY [~.]", thisWeekday),
		write("this weekend [,] [on] [(] WEEKENDDAY [)]", thisWeekday),
	},
	clockPart: {
		write("12 ~: ~00 noon", noonClock),
		write("12 ~: ~00 midnight", midnightClock(0)),
		write("[12|twelve] noon|midday", noonClock),
		write("half past midnight", midnightClock(30)),
		write("[a] quarter past|after midnight", midnightClock(15)),
		write("SOMEMINUTES [minutes|min] past|after midnight", minutesPastMidnight),
		write("[12|twelve] midnight", midnightClock(0)),
		write("FIGUREHOUR ~: ~TWO ~: ~TWO ~. ~FRACTION HALF [~.]", clock12),
		write("FIGUREHOUR ~: ~TWO ~: ~TWO HALF [~.]", clock12),
		write("FIGUREHOUR ~: ~TWO HALF [~.]", clock12),
		write("FIGUREHOUR ~: ~TWO ~SHORTHALF", clock12),
		write("FIGUREHOUR ~. ~TWO HALF [~.]", clock12),
		write("FIGUREHOUR [:] LATEMINUTE HALF [~.]", clock12),
		write("FIGUREHOUR ~. ~HALF [~.]", clock12),
		write("HOUR oh HOUR HALF [~.]", clock12),
		write("oh|zero HOUR hundred [hours|hrs]", clock24),
		write("oh|zero HOUR SPOKENMINUTE [hours|hrs]", clock24),
		write("HOUR [~-] SPOKENMINUTE HALF [~.]", clock12),
		write("HOUR [~-] SPOKENMINUTE", spokenHourMinute),
		write("half [~-] past HOUR [HALF]", aroundHour(30)),
		write("half HOUR [HALF]", halfHour),
		write("[a] quarter [~-] past|after HOUR [HALF]", aroundHour(15)),
		write("[a] quarter [~-] to|till HOUR [HALF]", aroundHour(-15)),
		write("SOMEMINUTES [minutes|min] past HOUR [HALF]", minutesAround(1)),
		write("COUNT minutes|min to HOUR [HALF]", minutesAround(-1)),
		write("OVERTWELVE to HOUR [HALF]", minutesAround(-1)),
		write("OVERTWELVE hundred [hours|hrs]", clock24),
		write("HOUR [o'clock|oclock] HALF [~.]", clock12),
		write("FIGUREHOUR ~SHORTHALF", clock12),
		write("HALF FIGUREHOUR ~: ~TWO", halfFirst),
		write("THREE HALF [~.]", compactClock),
		write("FOUR HALF [~.]", compactClock),
		write("HOUR o'clock|oclock|uhr", hourAt),
		write("HOUR o clock HALF [~.]", clock12),
		write("HOUR o clock", hourAt),
	},
	daypartPart: {
		write("in [the] [early] DAYPART [of]", partOfDay),
		write("[in] [the] early|small|wee hours [of]", earlyHours),
		write("LATE", lateInDay),
		write("HALFOFDAY", halfAsPart),
	},
}
