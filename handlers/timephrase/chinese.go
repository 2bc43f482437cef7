package timephrase

import (
	"slices"
	"strings"
)

// chineseWords is the vocabulary of Chinese times, in Simplified characters.
var chineseWords = []words{
	weekdaysAfter("周", "星期", "礼拜"),
	names(unitName, secondUnit, "秒钟", "分钟", "小时 钟头 个钟 个钟头", "天", "周 星期 礼拜", "", "个月"),
	names(relativeDay, -2, "前天 前日", "昨天 昨日", "今天 今日 今儿", "明天 明日 明儿 听日", "后天 后日 后儿", "大后天 大后日 大后儿"),
	names(shortDay, -1, "昨", "今", "明 听", "后"),
	names(nearMonth, 0, "本月 这个月 这月 今个月 当月", "下个月 下月 下一个月", "下下个月 下下月"),
	names(lastName, 0, "最后一个 最后"),
	names(daypartName, dawn, "凌晨", "清晨 清早 大清早 晨", "早上 早晨 早间 朝早 朝", "上午 上昼", "中午 午间 晌午", "下午 午后 下昼 晏昼", "傍晚 黄昏", "晚上 晚间 夜晚 晚黑 晚 当晚",
		"夜里 深夜 夜间 夜 半夜 大半夜 午夜", "正午", "早 一早 一大早", "后半夜 下半夜"),
	names(holiday, 101, "元旦 元旦节"),
	names(holiday, 1225, "圣诞节 圣诞"),
	names(vaguePlace, 0, "服务器 伺服器 系统 机房 当地 本地 美国 加拿大 墨西哥 巴西 俄罗斯 澳大利亚 澳洲 印尼 印度尼西亚 欧洲 欧美 夏令 标准"),
}

func weekdaysAfter(prefixes ...string) words {
	w := words{kind: weekdayName}
	for _, suffixes := range []string{"日天", "一", "二", "三", "四", "五", "六"} {
		var group []string
		for _, suffix := range suffixes {
			for _, prefix := range prefixes {
				group = append(group, prefix+string(suffix))
			}
		}
		w.groups = append(w.groups, group)
	}
	return w
}

// points are the words behind the hour. counting are those behind the number of a day, a month or a zone.
var (
	points   = map[string]bool{"点": true, "点钟": true, "时": true}
	counting = map[string]bool{"日": true, "号": true, "月": true, "年": true, "个": true, "区": true, "时区": true, "刻": true, "秒": true}
)

// uncounted are the units that take no "个": "两个半天" are two half days.
var uncounted = map[string]bool{"天": true, "周": true}

// wholeClock fits words that are a clock time when no hour stands behind them.
func wholeClock(words ...string) class {
	return func(tokens []token, i int) bool {
		hour := i+2 < len(tokens) && tokens[i+1].kind == number && (points[tokens[i+2].text] || tokens[i+2].text == ":")
		return slices.Contains(words, tokens[i].text) && !hour
	}
}

// chinesePlaces are the places whose clocks Chinese names before "时间".
var chinesePlaces = map[string]string{
	"北京": "Asia/Shanghai", "上海": "Asia/Shanghai", "广州": "Asia/Shanghai", "深圳": "Asia/Shanghai", "中国": "Asia/Shanghai",
	"香港": "Asia/Hong_Kong", "台北": "Asia/Taipei", "台湾": "Asia/Taipei",
	"东京": "Asia/Tokyo", "日本": "Asia/Tokyo", "首尔": "Asia/Seoul", "韩国": "Asia/Seoul", "新加坡": "Asia/Singapore", "曼谷": "Asia/Bangkok",
	"泰国": "Asia/Bangkok", "越南": "Asia/Ho_Chi_Minh", "吉隆坡": "Asia/Kuala_Lumpur", "马来西亚": "Asia/Kuala_Lumpur", "雅加达": "Asia/Jakarta", "印度": "Asia/Kolkata",
	"迪拜": "Asia/Dubai", "阿布扎比": "Asia/Dubai", "利雅得": "Asia/Riyadh", "沙特": "Asia/Riyadh", "马尼拉": "Asia/Manila", "菲律宾": "Asia/Manila",
	"莫斯科": "Europe/Moscow", "伊斯坦布尔": "Europe/Istanbul", "土耳其": "Europe/Istanbul", "柏林": "Europe/Berlin", "德国": "Europe/Berlin", "法兰克福": "Europe/Berlin",
	"巴黎": "Europe/Paris", "法国": "Europe/Paris", "伦敦": "Europe/London", "英国": "Europe/London", "都柏林": "Europe/Dublin",
	"纽约": "America/New_York", "美东": "America/New_York", "美国东部": "America/New_York",
	"美国中部": "America/Chicago", "美国西部": "America/Los_Angeles", "太平洋": "America/Los_Angeles",
	"芝加哥": "America/Chicago", "洛杉矶": "America/Los_Angeles",
	"加州": "America/Los_Angeles", "美国太平洋": "America/Los_Angeles", "多伦多": "America/Toronto", "慕尼黑": "Europe/Berlin",
	"阿姆斯特丹": "Europe/Amsterdam", "马德里": "Europe/Madrid", "罗马": "Europe/Rome", "苏黎世": "Europe/Zurich", "维也纳": "Europe/Vienna",
	"孟买": "Asia/Kolkata", "新德里": "Asia/Kolkata", "班加罗尔": "Asia/Kolkata", "澳门": "Asia/Macau", "墨尔本": "Australia/Melbourne",
	"旧金山": "America/Los_Angeles", "西雅图": "America/Los_Angeles", "美西": "America/Los_Angeles", "圣保罗": "America/Sao_Paulo",
	"墨西哥城": "America/Mexico_City", "约翰内斯堡": "Africa/Johannesburg", "南非": "Africa/Johannesburg", "开罗": "Africa/Cairo", "埃及": "Africa/Cairo",
	"悉尼": "Australia/Sydney", "格林尼治": "UTC", "格林威治": "UTC",
	"利马": "America/Lima", "秘鲁": "America/Lima", "波哥大": "America/Bogota", "哥伦比亚": "America/Bogota", "内罗毕": "Africa/Nairobi", "拉各斯": "Africa/Lagos",
	"意大利": "Europe/Rome", "米兰": "Europe/Rome", "华沙": "Europe/Warsaw", "爱尔兰": "Europe/Dublin", "瑞士": "Europe/Zurich", "荷兰": "Europe/Amsterdam",
	"河内": "Asia/Ho_Chi_Minh", "胡志明市": "Asia/Ho_Chi_Minh", "奥克兰": "Pacific/Auckland", "温哥华": "America/Vancouver", "休斯敦": "America/Chicago",
	"尼泊尔": "Asia/Kathmandu", "巴基斯坦": "Asia/Karachi", "孟加拉国": "Asia/Dhaka", "斯里兰卡": "Asia/Colombo", "以色列": "Asia/Jerusalem",
	"伊朗": "Asia/Tehran", "德黑兰": "Asia/Tehran", "卡塔尔": "Asia/Qatar", "科威特": "Asia/Kuwait", "希腊": "Europe/Athens", "雅典": "Europe/Athens",
	"阿联酋": "Asia/Dubai", "新西兰": "Pacific/Auckland", "柬埔寨": "Asia/Phnom_Penh", "老挝": "Asia/Vientiane", "缅甸": "Asia/Yangon",
	"欧洲中部": "Europe/Berlin", "中欧": "Europe/Berlin", "北京标准": "Asia/Shanghai", "中国标准": "Asia/Shanghai", "格林尼治标准": "UTC", "格林威治标准": "UTC",
}

// chineseForms are the ways to write a time in Chinese.
var chineseForms = forms{
	zonePart: {
		write("[按|按照|以] PLACE [当地|本地] 时间|时区 [为准]", placeZone),
		write("东 NUMBER 区|时区 [时间]", numberedZone(1)),
		write("西 NUMBER 区|时区 [时间]", numberedZone(-1)),
		write("VAGUEPLACE 时间", vagueZone),
	},
	durationPart: {
		write("再过 COUNT [个] UNIT [JOIN] [MORE] [个] [UNIT] [JOIN] [MORE] [个] [UNIT] [后|之后|以后]", ahead),
		write("过 COUNT [个] UNIT [JOIN] [MORE] [个] [UNIT]", aheadAlone), // "过两天" is some days from now to many
		write("[从现在起|从现在开始|从现在算起] COUNT [个] UNIT [JOIN] [MORE] [个] [UNIT] [JOIN] [MORE] [个] [UNIT] 后|之后|以后", ahead),
		write("COUNT [个] UNIT [JOIN] [MORE] [个] [UNIT] [零|又] COUNT 分 后|之后|以后", aheadMinutes),
		write("COUNT ~. ~FRACTION [个] UNIT 后|之后|以后", aheadDecimal),
		write("COUNT 个 半 COUNTEDUNIT 后|之后|以后", aheadAndHalf),
		write("COUNT UNIT 半 后|之后|以后", aheadAndHalf),
		write("半 [个] UNIT 后|之后|以后", halfAhead),
		write("COUNT 日 后|之后|以后", doubtfulDays),
	},
	yearPart: {
		write("ANYFOUR 年", yearOf(0)),
		write("民国 COUNT 年", republicYear),
		write("今年|本年", yearsAhead(0)),
		write("明年", yearsAhead(1)),
		write("TWO 年", shortYearAlone),
	},
	datePart: {
		write("NUMBER 月 [份] [的] NUMBER 日|号", monthDay),
		write("元月 [的] NUMBER 日|号", dayOfJanuary),
		write("NUMBER 月 [份] [的] 第 NUMBER 个 WEEKDAY", weekdayOfHanMonth),
		write("NUMBER 月 [份] [的] LAST WEEKDAY", weekdayOfHanMonth),
		write("NUMBER 月 [份] [的] 最后一天|最后一日", lastDayOfMonth),
		write("NUMBER 月 [份] [的] 第 NUMBER 天", monthDay),
		write("NEARMONTH [的] NUMBER 日|号", dayOfNearMonth),
		write("NEARMONTH [的] 第 NUMBER 个 WEEKDAY", weekdayOfHanNearMonth),
		write("NEARMONTH [的] LAST WEEKDAY", weekdayOfHanNearMonth),
		write("NEARMONTH [底|末] [的] 最后一天|最后一日", lastDayOfNearMonth),
		write("月底|月末 [的] 最后一天|最后一日", lastDayAhead(0)),
		write("NEARMONTH [的] 第 NUMBER 天", dayOfNearMonth),
		write("[的] 最后一天|最后一日", lastDayOfYear),
		write("[的] 第 NUMBER 个 WEEKDAY", weekdayOfYear),
		write("[的] NTH WEEKDAY [of]", weekdayOfYear), // in English, too: behind "本月最后一个周五", which it fits as well
		write("圣诞夜", christmasNight),
		write("平安夜", eveOn(24)),
		write("次日|翌日", followingDay),
		write("NUMBER 日|号", ordinalDay),
	},
	weekdayPart: {
		write("( WEEKFIGURE )", bracketedWeekday),
		write("下下 [周|星期|礼拜] [的] ARRANGEDDAY", arrangedInTwoWeeks),
		write("下 ARRANGEDDAY", nextWeekday),
		write("下下 HANDAY", weekdayAhead(2)),
		write("下下个 HANDAY", secondNextWeekday),
		write("下下 周|星期|礼拜 [的] WEEKDAY", weekdayAhead(2)),
		write("下 HANDAY", weekdayAhead(1)),
		write("下|下个|下一|下一个 周|星期|礼拜 [的] WEEKDAY", weekdayAhead(1)),
		write("下个|下一|下一个 HANDAY", nextWeekday),
		write("本|这|这个|今个|呢个 WEEKDAY", weekdayAhead(0)),
		write("本|这|这个|今个|呢个 周|星期|礼拜 [的] WEEKDAY", weekdayAhead(0)),
		write("本|这|这个 周末 [的] [(] WEEKENDDAY [)]", weekdayAhead(0)),
		write("上|上个 HANDAY", weekdayAhead(-1)),
	},
	clockPart: {
		write("HOUR 点 HALF [~.]", clock12),
		write("HOUR POINT 半 [钟]", spokenClock(30)),
		write("HOUR POINT [过] COUNT 刻 [钟]", spokenQuarters(1)),
		write("HOUR POINT COUNT 个 骨", spokenQuarters(1)),
		write("HOUR POINT COUNT 个 字", spokenFives),
		write("HOUR POINT 搭 COUNT", spokenFives),
		write("HOUR POINT 差 COUNT 刻 [钟]", spokenQuarters(-1)),
		write("差 COUNT 刻 [钟] HOUR POINT", quartersTo),
		write("HOUR POINT 差 COUNT 分|分钟", spokenMinutes(-1)),
		write("差 COUNT 分|分钟 HOUR POINT", minutesTo),
		write("HOUR POINT [过] HOUR 分 HOUR 秒", spokenClock(0)),
		write("HOUR POINT [过] HOUR 分 [整]", spokenClock(0)),
		write("HOUR POINT 零 FIGURE [分]", spokenClock(0)),
		write("HOUR POINT MINUTE", spokenClock(0)),
		write("HOUR POINT [钟] [整|正]", spokenClock(0)),
		write("NOON", noonClock),
		write("MIDNIGHT", midnightClock(0)),
	},
	daypartPart: {
		write("HALFBEFORE", halfAsPart),
	},
}

// traditional is the Traditional characters and variants of the vocabulary, and of commands, each before its Simplified one.
var traditional = pairs("週周禮礼這这個个後后點点號号時时鐘钟鍾钟淩凌兩两俩两倆两間间東东區区裡里裏里過过當当臺台灣湾爾尔韓韩國国紐纽約约倫伦舊旧磯矶聖圣誕诞節节請请於于務务統统機机標标準准歐欧羅罗蘭兰謝谢級级煩烦頭头內内達达開开訂订馬马來来亞亚賓宾幫帮聽听兒儿晝昼黃黄蘇苏維维納纳買买門门託托勞劳執执進进該该嗎吗從从現现計计劃划擬拟預预協协變变囉啰護护為为麼么樣样" +
	"滾滚狀状態态歷历實实緊紧審审許许絕绝駁驳決决壘垒記记錄录詢询詳详刪删終终遲迟錯错們们會会議议問问題题沒没還还啟启啓启動动駕驾畫划" +
	"廣广華华溫温圖图聯联魯鲁選选調调曬晒緬缅畢毕")

func pairs(text string) map[rune]rune {
	m := map[rune]rune{}
	runes := []rune(text)
	for i := 0; i+1 < len(runes); i += 2 {
		m[runes[i]] = runes[i+1]
	}
	return m
}

// Simplified is a text with those characters in their Simplified form, which has as many bytes.
func Simplified(text string) string { return strings.Map(simplified, text) }

func simplified(r rune) rune {
	if plain, ok := traditional[r]; ok {
		return plain
	}
	return r
}
