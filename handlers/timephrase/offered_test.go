package timephrase

import "testing"

// TestTheRightOneIsOffered among the meanings of what is asked about: both ends of a day, be it one of next year or one
// whose weekday is said, and each zone that a word may name.
func TestTheRightOneIsOffered(t *testing.T) {
	for phrase, want := range map[string][]string{
		"jan 3 midnight":             {"2027-01-02T16:00:00Z", "2027-01-03T16:00:00Z"},
		"1月3日24:00":                  {"2027-01-02T16:00:00Z", "2027-01-03T16:00:00Z"},
		"1月3日晚上12点":                  {"2027-01-02T16:00:00Z", "2027-01-03T16:00:00Z"},
		"jan 3 at night 2am":         {"2027-01-02T18:00:00Z", "2027-01-03T18:00:00Z"},
		"new year's eve 1am":         {"2026-12-30T17:00:00Z", "2026-12-31T17:00:00Z"},
		"christmas eve 00:30":        {"2026-12-23T16:30:00Z", "2026-12-24T16:30:00Z"},
		"平安夜凌晨3点":                    {"2026-12-23T19:00:00Z", "2026-12-24T19:00:00Z"},
		"first sunday of january 12": {"2027-01-02T16:00:00Z", "2027-01-03T04:00:00Z", "2027-01-03T16:00:00Z"},
		"sunday aug 9 midnight":      {"2026-08-08T16:00:00Z", "2026-08-09T16:00:00Z"},
		"8月9日周日晚上2点":                 {"2026-08-08T18:00:00Z", "2026-08-09T18:00:00Z"},
		"sunday the 9th at midnight": {"2026-08-08T16:00:00Z", "2026-08-09T16:00:00Z"},
		"tomorrow (thursday) 24:00":  {"2026-08-06T16:00:00Z"},
		"sunday 2am la":              {"2026-08-08T18:00:00Z", "2026-08-09T09:00:00Z"},
		"late saturday night 1am":    {"2026-08-07T17:00:00Z", "2026-08-08T17:00:00Z"},
		"sunday 02:00 UTC - 5":       {"2026-08-09T07:00:00Z"},
		"in 1,5 days":                {"2026-08-06T14:17:33Z"},
		"sunday 22:00 pm":            {"2026-08-09T14:00:00Z"},
		"周日晚上22:00 PM":               {"2026-08-09T14:00:00Z"},
		"周日8点+0800":                  {"2026-08-09T00:00:00Z", "2026-08-09T12:00:00Z"},
		"9 aug 26 2am":               {"2026-08-08T18:00:00Z"},
		"jan 2, '27 at 2am":          {"2027-01-01T18:00:00Z"},
		"27 jan 28 2am":              {"2027-01-27T18:00:00Z", "2028-01-26T18:00:00Z"},
		"下一周五凌晨2点":                   {"2026-08-06T18:00:00Z", "2026-08-13T18:00:00Z"},
		"服务器时间周日凌晨2点":                {"2026-08-08T18:00:00Z"},
		"美国时间周日凌晨2点":                 nil, // where the asker's zone is none of them
		"安排下周日凌晨2点":                  {"2026-08-08T18:00:00Z", "2026-08-15T18:00:00Z"},
		"安排下下周的周日凌晨2点":               {"2026-08-15T18:00:00Z", "2026-08-22T18:00:00Z"},
		"计划下下周日凌晨2点":                 {"2026-08-15T18:00:00Z", "2026-08-22T18:00:00Z"},
		"the sunday after next 2am":  {"2026-08-15T18:00:00Z", "2026-08-22T18:00:00Z"},
	} {
		if _, refusal := typed(t, phrase, ritasNow, ritasZone); refusal == nil || !sameInstants(refusal.Candidates, want) {
			t.Errorf("%q: %+v", phrase, refusal)
		}
	}
}
