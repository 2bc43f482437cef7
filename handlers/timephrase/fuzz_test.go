package timephrase

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// fuzzZones are zones with clock changes of an hour, of half an hour, at midnight, and without any.
var fuzzZones = []string{"Europe/Berlin", "Australia/Lord_Howe", "America/Havana", "Asia/Shanghai", "UTC"}

// FuzzParse types anything at any time in several zones, and holds every instant that comes out to be
// read from all the words, whatever their case and the spaces around them, and to read back.
func FuzzParse(f *testing.F) {
	for _, line := range allPhrases(f) {
		at, err := time.Parse(time.RFC3339, line.Now)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(line.Phrase, at.Unix(), uint8(0))
	}
	f.Fuzz(holdsForAny)
}

// FuzzChinese does the same with phrases put together from the words of Chinese times.
func FuzzChinese(f *testing.F) {
	for n := range 60 {
		f.Add([]byte{byte(n * 7), byte(n * 13), byte(n * 29), byte(n * 31), byte(n * 37)}, int64(1785896253+n*100000), uint8(n))
	}
	pieces := strings.Fields(chinesePieces)
	f.Fuzz(func(t *testing.T, chosen []byte, unix int64, zone uint8) {
		var phrase strings.Builder
		for _, piece := range chosen[:min(len(chosen), 16)] {
			phrase.WriteString(pieces[int(piece)%len(pieces)])
		}
		holdsForAny(t, phrase.String(), unix, zone)
		sameInAnotherDress(t, phrase.String(), time.Unix(unix%(1<<33), 0), time.UTC)
	})
}

const chinesePieces = "周 星期 礼拜 日 一 二 三 四 五 六 七 八 九 十 两 零 半 百 廿 〇 天 月 年 号 点 点钟 时 分 秒 刻 整 差 过 个 第 最后一个 最后一天 本 这 这个 下 下下 下个 上 " +
	"凌晨 清晨 早上 早 上午 中午 正午 下午 傍晚 晚上 晚 夜里 半夜 午夜 今 明 今天 明天 后天 大后天 后 之后 前 本月 下个月 明年 小时 分钟 北京时间 东京时间 东 西 区 UTC时间 UTC +8 时间 元旦 （六） PM 吧 周末 月底 底 安排 就 哦 🙏 :+1: \" 【 】 1430 2200 2030 8.8 12.25 8月15 协调世界时 " +
	"1 2 3 8 9 12 15 20 24 30 02:00 14:30 2026 2026年 12月 1日 周日 下周三 凌晨2点 三天后 2am sunday dec （ ） ， 。 的 不 每 到 - : /"

func holdsForAny(t *testing.T, phrase string, unix int64, zone uint8) {
	location, ok := location(fuzzZones[int(zone)%len(fuzzZones)])
	if !ok {
		t.Fatal("no zone data")
	}
	now := time.Unix(unix%(1<<33), 0)
	reading, err := Parse(phrase, now, location, Limits{})
	sameWhenShouted(t, phrase, now, location, reading, err)
	if err != nil {
		if err.Error() == "" || !utf8.ValidString(err.Error()) {
			t.Fatalf("%q is refused with %q", phrase, err)
		}
		return
	}
	if !reading.Time.After(now) {
		t.Fatalf("%q at %s is read as %s, which has passed", phrase, now, reading.Time)
	}
	readsBack(t, phrase, now, location)
	noWordIsSkipped(t, phrase, now, location)
}

// readsBack types the instant that a phrase was read as.
func readsBack(t *testing.T, phrase string, now time.Time, zone *time.Location) {
	t.Helper()
	reading, _ := Parse(phrase, now, zone, Limits{})
	if reading.Time.Year() >= 2100 {
		return // its figures may be a clock time
	}
	written := reading.Time.Format("Monday 2 January 2006 15:04:05.999999999 UTC-07:00")
	again, err := Parse(written, now, time.UTC, Limits{})
	if err != nil || !again.Time.Equal(reading.Time) || reading.Day == "" {
		t.Fatalf("%s is written %q, which is read as %s, %v", reading.Time, written, again.Time, err)
	}
}

// sameWhenShouted types the phrase in capitals and with spaces around.
func sameWhenShouted(t *testing.T, phrase string, now time.Time, zone *time.Location, want Reading, wantErr error) {
	t.Helper()
	capitals := strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}, phrase)
	for _, other := range []string{capitals, " " + phrase, "\t" + phrase + "  "} {
		if utf8.RuneCountInString(other) > maxRunes {
			continue
		}
		got, err := Parse(other, now, zone, Limits{})
		if (err == nil) != (wantErr == nil) || !got.Time.Equal(want.Time) {
			t.Fatalf("%q is read as %s, %v, and %q as %s, %v", phrase, want.Time, wantErr, other, got.Time, err)
		}
	}
}

// noWordIsSkipped puts a word without a meaning into each gap of a phrase that was read.
func noWordIsSkipped(t *testing.T, phrase string, now time.Time, zone *time.Location) {
	t.Helper()
	words := strings.Fields(phrase)
	for gap := range len(words) + 1 {
		with := append(append(append([]string{}, words[:gap]...), "xyzzy"), words[gap:]...)
		if got, err := Parse(strings.Join(with, " "), now, zone, Limits{}); err == nil {
			t.Fatalf("%q is read as %s", strings.Join(with, " "), got.Time)
		}
	}
}
