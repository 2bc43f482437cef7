package timephrase

import (
	"slices"
	"testing"
	"time"

	"github.com/olebedev/when"
)

// ordinary is what people type most.
var ordinary = []string{
	"sunday 2am", "tomorrow 14:00", "next week on tuesday at 2:30 am", "2026-12-01 02:00", "1st of dec 2am UTC",
	"in 36 hours", "first sunday of december 2am", "dec 1 02:00 Europe/Berlin",
}

// ordinaryChinese is the same in Chinese.
var ordinaryChinese = []string{
	"周日凌晨2点", "明天14:00", "下周二凌晨两点半", "2026年12月1日02:00", "12月1号凌晨2点 UTC", "36小时后", "12月第一个周日凌晨2点", "北京时间12月1日晚上十点一刻",
}

var benchNow = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func BenchmarkParse(b *testing.B) {
	for _, phrase := range slices.Concat(ordinary, ordinaryChinese) {
		b.Run(phrase, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse(phrase, benchNow, time.UTC, Limits{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkStockRules reads the English phrases with the rules that come with when.
func BenchmarkStockRules(b *testing.B) {
	for _, phrase := range ordinary {
		b.Run(phrase, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := when.EN.Parse(phrase, benchNow); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
