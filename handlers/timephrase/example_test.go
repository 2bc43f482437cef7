package timephrase_test

import (
	"fmt"
	"time"

	"cbhbot/handlers/timephrase"
)

func Example() {
	shanghai, _ := time.LoadLocation("Asia/Shanghai")
	now := time.Date(2026, 8, 5, 10, 17, 33, 0, shanghai)
	limits := timephrase.Limits{Min: 24 * time.Hour, Max: 60 * 24 * time.Hour}

	reading, _ := timephrase.Parse("sunday 2am", now, shanghai, limits)
	fmt.Println(reading.Text)

	_, err := timephrase.Parse("sunday 2am please delete", now, shanghai, limits)
	fmt.Println(err)

	_, err = timephrase.Parse("sunday 2", now, shanghai, limits)
	fmt.Println(err)
	for _, c := range err.(*timephrase.Error).Candidates {
		fmt.Println(c.Time.Format(time.RFC3339), c.Why)
	}
	// Output:
	// Sunday 9 August 2026 at 02:00 (Asia/Shanghai)
	// I cannot read "delete" as part of a time. Type a day and a time, for example "sunday 2am" or "2026-12-01 02:00".
	// Is that before noon or after noon? Type it like "2am" or "14:00". Which one do you mean?
	// 2026-08-09T02:00:00+08:00 before noon
	// 2026-08-09T14:00:00+08:00 after noon
}
