package timephrase_test

import (
	"errors"
	"fmt"
	"time"

	"cbhbot/handlers/timephrase"
)

func Example() {
	shanghai, _ := time.LoadLocation("Asia/Shanghai")
	now := time.Date(2026, 8, 5, 10, 17, 33, 0, shanghai)
	limits := timephrase.Limits{Min: 24 * time.Hour, Max: 60 * 24 * time.Hour}

	reading, _ := timephrase.Parse("sunday 2am", now, shanghai, limits)
	fmt.Println(reading.Time, "from", reading.Day, "and", reading.Clock)

	_, err := timephrase.Parse("sunday 2am please delete", now, shanghai, limits)
	fmt.Println(err)

	_, err = timephrase.Parse("sunday 2", now, shanghai, limits)
	fmt.Println(err)
	if refusal, ok := errors.AsType[*timephrase.Error](err); ok {
		for _, c := range refusal.Candidates {
			fmt.Println(c.Time.Format(time.RFC3339), c.Why[0].Point)
		}
	}
	// Output:
	// 2026-08-09 02:00:00 +0800 CST from sunday and 2am
	// invalid: not_a_time "delete"
	// ambiguous: which_half ""
	// 2026-08-09T02:00:00+08:00 before_noon
	// 2026-08-09T14:00:00+08:00 after_noon
}
