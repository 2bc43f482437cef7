package timephrase

import "time"

var weekdays = map[string]time.Weekday{
	"sunday": time.Sunday, "sun": time.Sunday,
	"monday": time.Monday, "mon": time.Monday,
	"tuesday": time.Tuesday, "tue": time.Tuesday, "tues": time.Tuesday,
	"wednesday": time.Wednesday, "wed": time.Wednesday, "weds": time.Wednesday,
	"thursday": time.Thursday, "thu": time.Thursday, "thur": time.Thursday, "thurs": time.Thursday,
	"friday": time.Friday, "fri": time.Friday,
	"saturday": time.Saturday, "sat": time.Saturday,
}

var months = map[string]time.Month{
	"january": time.January, "jan": time.January,
	"february": time.February, "feb": time.February,
	"march": time.March, "mar": time.March,
	"april": time.April, "apr": time.April,
	"may":  time.May,
	"june": time.June, "jun": time.June,
	"july": time.July, "jul": time.July,
	"august": time.August, "aug": time.August,
	"september": time.September, "sep": time.September, "sept": time.September,
	"october": time.October, "oct": time.October,
	"november": time.November, "nov": time.November,
	"december": time.December, "dec": time.December,
}

var cardinals = map[string]int{
	"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
	"ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15,
	"sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
	"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50,
}

var ordinals = map[string]int{
	"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
	"ninth": 9, "tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14,
	"fifteenth": 15, "sixteenth": 16, "seventeenth": 17, "eighteenth": 18, "nineteenth": 19,
	"twentieth": 20, "thirtieth": 30,
}

// unit is a length of time. Months and days are steps on the calendar, which keep the clock time; the
// rest is elapsed time. A larger rank is a larger unit.
type unit struct {
	months, days int
	elapsed      time.Duration
	rank         int
}

var (
	minuteUnit    = unit{elapsed: time.Minute, rank: 1}
	hourUnit      = unit{elapsed: time.Hour, rank: 2}
	dayUnit       = unit{days: 1, rank: 3}
	weekUnit      = unit{days: 7, rank: 4}
	fortnightUnit = unit{days: 14, rank: 5}
	monthUnit     = unit{months: 1, rank: 6}
)

// units leaves out "m", which is minutes to some and months to others, and years, which no upgrade needs.
var units = map[string]unit{
	"minute": minuteUnit, "minutes": minuteUnit, "min": minuteUnit, "mins": minuteUnit,
	"hour": hourUnit, "hours": hourUnit, "hr": hourUnit, "hrs": hourUnit, "h": hourUnit,
	"day": dayUnit, "days": dayUnit, "d": dayUnit,
	"week": weekUnit, "weeks": weekUnit, "wk": weekUnit, "wks": weekUnit, "w": weekUnit,
	"fortnight": fortnightUnit, "fortnights": fortnightUnit,
	"month": monthUnit, "months": monthUnit,
}

// meaning is a place whose clocks an abbreviation is used for, and the offset it stands for.
type meaning struct {
	location string
	offset   time.Duration
}

func one(location string, offset time.Duration) []meaning { return []meaning{{location, offset}} }

// abbreviations are the short names of zones that are in wide use. Those with several meanings are asked about.
var abbreviations = map[string][]meaning{
	"est": one("America/New_York", -5*time.Hour), "edt": one("America/New_York", -4*time.Hour),
	"pst": one("America/Los_Angeles", -8*time.Hour), "pdt": one("America/Los_Angeles", -7*time.Hour),
	"mst": one("America/Denver", -7*time.Hour), "mdt": one("America/Denver", -6*time.Hour),
	"cdt":  one("America/Chicago", -5*time.Hour),
	"akst": one("America/Anchorage", -9*time.Hour), "akdt": one("America/Anchorage", -8*time.Hour),
	"hst": one("Pacific/Honolulu", -10*time.Hour),
	"nst": one("America/St_Johns", -3*time.Hour-30*time.Minute), "ndt": one("America/St_Johns", -2*time.Hour-30*time.Minute),
	"brt": one("America/Sao_Paulo", -3*time.Hour),
	"wet": one("Europe/Lisbon", 0), "west": one("Europe/Lisbon", time.Hour),
	"cet": one("Europe/Berlin", time.Hour), "cest": one("Europe/Berlin", 2*time.Hour),
	"eet": one("Europe/Athens", 2*time.Hour), "eest": one("Europe/Athens", 3*time.Hour),
	"msk":  one("Europe/Moscow", 3*time.Hour),
	"sast": one("Africa/Johannesburg", 2*time.Hour),
	"pkt":  one("Asia/Karachi", 5*time.Hour),
	"npt":  one("Asia/Kathmandu", 5*time.Hour+45*time.Minute),
	"wib":  one("Asia/Jakarta", 7*time.Hour),
	"hkt":  one("Asia/Hong_Kong", 8*time.Hour), "sgt": one("Asia/Singapore", 8*time.Hour), "myt": one("Asia/Kuala_Lumpur", 8*time.Hour),
	"jst": one("Asia/Tokyo", 9*time.Hour), "kst": one("Asia/Seoul", 9*time.Hour),
	"awst": one("Australia/Perth", 8*time.Hour),
	"acst": one("Australia/Adelaide", 9*time.Hour+30*time.Minute), "acdt": one("Australia/Adelaide", 10*time.Hour+30*time.Minute),
	"aest": one("Australia/Sydney", 10*time.Hour), "aedt": one("Australia/Sydney", 11*time.Hour),
	"nzst": one("Pacific/Auckland", 12*time.Hour), "nzdt": one("Pacific/Auckland", 13*time.Hour),

	"bst": {{"Europe/London", time.Hour}, {"Asia/Dhaka", 6 * time.Hour}},
	"cst": {{"America/Chicago", -6 * time.Hour}, {"Asia/Shanghai", 8 * time.Hour}, {"America/Havana", -5 * time.Hour}},
	"ist": {{"Asia/Kolkata", 5*time.Hour + 30*time.Minute}, {"Europe/Dublin", time.Hour}, {"Asia/Jerusalem", 2 * time.Hour}},
	"ast": {{"America/Halifax", -4 * time.Hour}, {"Asia/Riyadh", 3 * time.Hour}},
	"gst": {{"Asia/Dubai", 4 * time.Hour}, {"Atlantic/South_Georgia", -2 * time.Hour}},
}

// ianaPieces are the pieces of IANA names that are not a capital and small letters.
var ianaPieces = map[string]string{
	"es": "es", "of": "of", "au": "au", "us": "US", "gmt": "GMT", "utc": "UTC", "uct": "UCT", "nsw": "NSW", "act": "ACT", "lhi": "LHI",
	"mcmurdo": "McMurdo", "dumontdurville": "DumontDUrville", "comodrivadavia": "ComodRivadavia",
	"easterisland": "EasterIsland", "bajanorte": "BajaNorte", "bajasur": "BajaSur", "denoronha": "DeNoronha",
}
