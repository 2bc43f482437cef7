package timephrase

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// dresses change how a phrase looks and not what it says.
var dresses = map[string]func(string) string{
	"blanks around": func(p string) string { return "  " + strings.ReplaceAll(p, " ", "   ") + "\u3000" },
	"blanks inside": func(p string) string { return betweenChinese.ReplaceAllString(p, "$1 $2") },
	"no blanks":     func(p string) string { return blankInChinese.ReplaceAllString(p, "$1$2") },
	"capitals":      strings.ToUpper,
	"small letters": strings.ToLower,
	"full width":    fullWidth,
	"traditional":   inTraditional,
	"numerals":      func(p string) string { return counted.ReplaceAllStringFunc(p, inNumerals) },
}

var (
	betweenChinese = regexp.MustCompile(`([^零一二三四五六七八九十两〇廿百。．：、\x00-\x7f])([\p{Han}])`)
	blankInChinese = regexp.MustCompile(`([^零一二三四五六七八九十两〇廿百。．：、\x00-\x7f]) +([^零一二三四五六七八九十两〇廿百。．：、\x00-\x7f])`)
	counted        = regexp.MustCompile(`(^|[^零一二三四五六七八九十两〇廿百周期拜。．：、\x00-\x7f])([1-9]|[1-5][0-9])(点|月|日|号|天|小时|周[后之以]|个|分)`)
	anyFigures     = regexp.MustCompile(`\d+`)
)

func fullWidth(p string) string {
	return strings.Map(func(r rune) rune {
		if r > ' ' && r <= '~' {
			return r - '!' + '！'
		}
		return r
	}, p)
}

func inTraditional(p string) string {
	old := map[rune]rune{}
	for from, to := range traditional {
		old[to] = max(old[to], from)
	}
	return strings.Map(func(r rune) rune {
		if from, ok := old[r]; ok && strings.ContainsRune(p, r) {
			return from
		}
		return r
	}, p)
}

func inNumerals(p string) string {
	return anyFigures.ReplaceAllStringFunc(p, func(figures string) string {
		n, _ := strconv.Atoi(figures)
		return chineseNumber(n)
	})
}

// TestNoDressChangesAnInstant types each phrase of the corpora in each dress.
func TestNoDressChangesAnInstant(t *testing.T) {
	sameInAnotherDress(t, "1日一一一一", time.Unix(1786796253, 0), time.UTC)
	sameInAnotherDress(t, "8月15周日2am", time.Unix(1786796253, 0), time.UTC)
	for _, line := range allPhrases(t) {
		now, err := time.Parse(time.RFC3339, line.Now)
		if err != nil {
			t.Fatal(err)
		}
		zone, _ := location(line.TZ)
		sameInAnotherDress(t, line.Phrase, now, zone)
	}
}

// sameInAnotherDress holds a phrase to be read, or refused, as it is in each dress.
func sameInAnotherDress(t *testing.T, phrase string, now time.Time, zone *time.Location) {
	t.Helper()
	want, wantErr := Parse(phrase, now, zone, Limits{})
	for name, dress := range dresses {
		dressed := dress(phrase)
		if utf8.RuneCountInString(dressed) > maxRunes || !utf8.ValidString(phrase) {
			continue
		}
		got, err := Parse(dressed, now, zone, Limits{})
		if (err == nil) != (wantErr == nil) || !got.Time.Equal(want.Time) {
			t.Errorf("%q is read as %s, %v, and with %s as %q as %s, %v", phrase, want.Time, wantErr, name, dressed, got.Time, err)
		}
	}
}

// TestOrderDoesNotMatter types the day behind the clock time.
func TestOrderDoesNotMatter(t *testing.T) {
	for _, parts := range [][2]string{
		{"周日", "凌晨2点"}, {"下周三", "下午两点半"}, {"12月1日", "晚上8点"}, {"三天后", "上午10点"}, {"2026年12月1日", "14:30"},
		{"后天", "正午"}, {"本月最后一天", "23:30"},
		{"sunday", "2am"}, {"dec 1", "02:00"}, {"in 3 days", "2:30 pm"}, {"next tuesday", "noon"}, {"2026-12-01", "14:30"},
		{"the 15th", "2am"}, {"周日", "2am"}, {"sunday", "凌晨2点"},
	} {
		first, refused := typed(t, parts[0]+" "+parts[1], ritasNow, ritasZone)
		if refused != nil {
			t.Errorf("%q is refused: %v", parts, refused)
		}
		for _, phrase := range []string{parts[1] + " " + parts[0], parts[1] + "，" + parts[0], parts[0] + ", " + parts[1]} {
			if got, refused := typed(t, phrase, ritasNow, ritasZone); refused != nil || !got.Time.Equal(first.Time) {
				t.Errorf("%q is read as %s, %v, and not as %s", phrase, got.Time, refused, first.Time)
			}
		}
	}
}

// TestNoWordIsOverlooked puts words that change the meaning into each gap of phrases that are read.
func TestNoWordIsOverlooked(t *testing.T) {
	words := strings.Fields("前 以前 之前 后面 内 之内 左右 上下 " +
		"不 不要 别 非 无 勿 免 取消 停 撤 除了 每 隔 到 至 或 和 与 及 或者 如果 要是 最晚 最早 最迟 至少 不早于 早于 晚于 早在 正在 " +
		"起 截止 大概 约 差不多 多 快 才 再 也 " +
		"改 改到 推迟 提前 重启 回滚 农历 阴历 工作日 单 双 底 初 末 去 昨 来 未 、 ~ / + not every before after until by except or and from to about daily")
	for _, phrase := range []string{"周日凌晨2点", "下周三上午10点半", "12月1日02:00", "三天后下午3点", "36小时后",
		"后天晚上八点一刻", "12月第一个周日凌晨2点", "北京时间周日2时", "明晚11点", "15号22:00", "周日8:00",
		"周日 2am", "sunday at 2am", "in 3 days at 2am"} {
		characters := []rune(phrase)
		for gap := range len(characters) + 1 {
			for _, word := range words {
				with := string(characters[:gap]) + " " + word + " " + string(characters[gap:])
				if got, refused := typed(t, with, ritasNow, ritasZone); refused == nil {
					t.Errorf("%q is read as %s", with, got.Time)
				}
			}
		}
	}
}
