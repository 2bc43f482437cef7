package timephrase

import "time"

// Point is what there is to say of a phrase, or of one way to read it.
type Point string

// Why a phrase is refused.
const (
	NoTime        Point = "no_time"
	TooLong       Point = "too_long"     // than Number characters
	NotATime      Point = "not_a_time"   // Words
	DayOrClock    Point = "day_or_clock" // Words belong to two parts
	NoDayOrClock  Point = "no_day_or_clock"
	BadNow        Point = "bad_now"        // Number is the year
	NoSuchDay     Point = "no_such_day"    // Words
	NotInMonth    Point = "not_in_month"   // Words, in the month of At
	ShortMonth    Point = "short_month"    // that of At has no day Number
	NoSuchClock   Point = "no_such_clock"  // Words
	NotTogether   Point = "not_together"   // Words and Others
	OtherWeekday  Point = "other_weekday"  // At is not on Weekday
	NoSuchOffset  Point = "no_such_offset" // Words
	NoSuchZone    Point = "no_such_zone"   // Words
	NoZoneData    Point = "no_zone_data"   // for Words
	TwoZones      Point = "two_zones"      // Words and Others
	HundredYears  Point = "hundred_years"  // and more
	Passed        Point = "passed"         // At
	TooFarAhead   Point = "too_far_ahead"  // At is more than Length ahead; Latest is the last that is not
	TooEarly      Point = "too_early"      // At is less than Length ahead
	SkippedByZone Point = "skipped"        // by the clocks of Zone: At, floating
)

// Why a person is asked.
const (
	SeveralWays      Point = "several_ways"
	NoClock          Point = "no_clock" // for the day that Words are; Others is one that it can have, "" for none
	NoDay            Point = "no_day"
	WhichHalf        Point = "which_half"
	MidnightOrNoon   Point = "midnight_or_noon"
	EitherEnd        Point = "either_end"
	TwoNights        Point = "two_nights"
	SeveralNumbers   Point = "several_numbers"      // Words
	EitherDate       Point = "either_date"          // Words are At or Latest
	OtherPeople      Point = "other_people"         // take Words for another day
	PassedThisWeek   Point = "passed_this_week"     // Words
	TodaysName       Point = "todays_name"          // Weekday
	SmallHours       Point = "small_hours"          // and Words may be counted from yesterday
	JustPassed       Point = "just_passed"          // At, floating
	DayJustPassed    Point = "day_just_passed"      // Words
	NotOnWeekday     Point = "not_on_weekday"       // the next Words are not on Weekday
	OrderUnknown     Point = "order_unknown"        // of day, month and year in Words
	IsItAClock       Point = "is_it_a_clock"        // Words
	ClockOrDate      Point = "clock_or_date"        // Words
	HourOrDay        Point = "hour_or_day"          // Words
	ZoneOrRange      Point = "zone_or_range"        // Words
	SeveralZones     Point = "several_zones"        // Words
	NotInForce       Point = "not_in_force"         // Words are not the time in Zone then
	OtherDayThere    Point = "other_day_there"      // in the zone that was typed
	ComesTwice       Point = "comes_twice"          // At, floating, in Zone
	NoZoneNeeded     Point = "no_zone_needed"       // for the length that Words are
	HoursAndClock    Point = "hours_and_clock"      // Words are the hours
	NotOneDay        Point = "not_one_day"          // Words and Others
	NoExactLength    Point = "no_exact_length"      // Words
	HowLongOrWhen    Point = "how_long_or_when"     // Words may be a length of time that is not from now on
	Doubted          Point = "doubted"              // by a question mark
	DaysOrDayOfMonth Point = "days_or_day_of_month" // Words are Number days from today, or after that day
)

// What one way to read a phrase is.
const (
	BeforeNoon       Point = "before_noon"
	AfterNoon        Point = "after_noon"
	Noon             Point = "noon"
	DayBegins        Point = "day_begins"
	DayEnds          Point = "day_ends"
	NightBefore      Point = "night_before"
	NightAfter       Point = "night_after"
	MonthFirst       Point = "month_first"
	DayFirst         Point = "day_first"
	Today            Point = "today"
	Tomorrow         Point = "tomorrow"
	DayAfterTomorrow Point = "day_after_tomorrow"
	ByCalendar       Point = "by_calendar"
	FromYesterday    Point = "from_yesterday"
	BeforeThatDay    Point = "before_that_day"
	AfterThatDay     Point = "after_that_day"
	TheComing        Point = "the_coming"          // Weekday
	OfNextWeek       Point = "of_next_week"        // Weekday
	OfNextSundayWeek Point = "of_next_sunday_week" // Weekday
	WeeksFromSunday  Point = "weeks_from_sunday"
	WeeksFromMonday  Point = "weeks_from_monday"
	FromToday        Point = "from_today"
	FromTheComing    Point = "from_the_coming" // Weekday
	Earliest         Point = "earliest"        // that is allowed
	WeekLater        Point = "week_later"
	FromThere        Point = "from_there"
	BeforePutBack    Point = "before_put_back"
	AfterPutBack     Point = "after_put_back"
	AtOffset         Point = "at_offset" // that of Zone
	AsClocksShow     Point = "as_clocks_show"
	BeforePutForward Point = "before_put_forward"
	AfterPutForward  Point = "after_put_forward"
	InPlace          Point = "in_place"     // Zone
	InYourZone       Point = "in_your_zone" // Zone
)

// Points are all there are.
var Points = []Point{
	NoTime, TooLong, NotATime, DayOrClock, NoDayOrClock, BadNow, NoSuchDay, NotInMonth, ShortMonth, NoSuchClock, NotTogether,
	OtherWeekday, NoSuchOffset, NoSuchZone, NoZoneData, TwoZones, HundredYears, Passed, TooFarAhead, TooEarly, SkippedByZone,
	SeveralWays, NoClock, NoDay, WhichHalf, MidnightOrNoon, EitherEnd, TwoNights, SeveralNumbers, EitherDate, OtherPeople,
	PassedThisWeek, TodaysName, SmallHours, JustPassed, DayJustPassed, NotOnWeekday, OrderUnknown, IsItAClock, ClockOrDate, HourOrDay,
	ZoneOrRange, SeveralZones, NotInForce, OtherDayThere, ComesTwice, NoZoneNeeded, HoursAndClock, NotOneDay, NoExactLength, HowLongOrWhen,
	Doubted, DaysOrDayOfMonth,
	BeforeNoon, AfterNoon, Noon, DayBegins, DayEnds, NightBefore, NightAfter, MonthFirst, DayFirst, Today, Tomorrow, DayAfterTomorrow,
	ByCalendar, FromYesterday, BeforeThatDay, AfterThatDay, TheComing, OfNextWeek, OfNextSundayWeek, WeeksFromSunday, WeeksFromMonday,
	FromToday, FromTheComing, Earliest, WeekLater, FromThere, BeforePutBack, AfterPutBack, AtOffset, AsClocksShow,
	BeforePutForward, AfterPutForward, InPlace, InYourZone,
}

// Remark is a point with what it is about. What its point does not name is zero.
type Remark struct {
	Point         Point
	Words, Others string // of the phrase, as typed
	Number        int
	Weekday       time.Weekday
	At, Latest    time.Time
	Length        time.Duration
	Zone          *time.Location
}

// because is a point that is about nothing, as what is said of one reading.
func because(p Point) []Remark { return []Remark{{Point: p}} }

// becauseOf is the same about a weekday.
func becauseOf(p Point, weekday time.Weekday) []Remark { return []Remark{{Point: p, Weekday: weekday}} }

// becauseIn is the same about a zone.
func becauseIn(p Point, zone *time.Location) []Remark { return []Remark{{Point: p, Zone: zone}} }
