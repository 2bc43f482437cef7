package timephrase

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// zone is where a wall clock hangs. strict tells that its offset must be in force in the location at the
// time: "CEST" is no time of day in winter.
type zone struct {
	location *time.Location
	offset   time.Duration
	strict   bool
	why      []Remark
}

// zones is the readings of the zone that the phrase names, else none.
func (d *draft) zones() []zone {
	if d.offset != nil {
		return []zone{*d.offset}
	}
	return d.named
}

func utcZone(d *draft, _ captured) *Error {
	d.offset = &zone{location: time.UTC}
	return nil
}

// offsetZone is SIGN HOURS [MINUTES], as in "+08:00" and "UTC+8".
func offsetZone(d *draft, c captured) *Error {
	minutes := 0
	if len(c) > 2 {
		minutes = c[2].n
	}
	return d.setOffset(c[0], c[1].n, minutes)
}

// basicOffset is SIGN HHMM.
func basicOffset(d *draft, c captured) *Error { return d.setOffset(c[0], c[1].n/100, c[1].n%100) }

// bare is an offset without "UTC". After "-" it may also be the end of a range: only a date or a
// clock time in full tells.
func bare(offset func(*draft, captured) *Error) func(*draft, captured) *Error {
	return func(d *draft, c captured) *Error {
		d.sign = c[0]
		return offset(d, c)
	}
}

func (d *draft) setOffset(sign token, hours, minutes int) *Error {
	offset := time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
	if sign.text == "-" {
		offset = -offset
	}
	if minutes > 59 || !existing(offset) {
		if d.sign.text == "-" { // "22:00-23:00" is from one to the other
			return unreadable(d.text[offsetPart])
		}
		return invalid(d.text[offsetPart], NoSuchOffset)
	}
	d.offset = &zone{location: fixedZone(offset)}
	return nil
}

func existing(offset time.Duration) bool { return offset >= -12*time.Hour && offset <= 14*time.Hour }

// fixedZone is a zone of one offset, with a name that reads back: "UTC+08:00".
func fixedZone(offset time.Duration) *time.Location {
	if offset == 0 {
		return time.UTC
	}
	return time.FixedZone("UTC"+offsetText(offset), int(offset/time.Second))
}

func offsetText(offset time.Duration) string {
	return time.Time{}.In(time.FixedZone("", int(offset/time.Second))).Format("-07:00")
}

// ianaZone is a name of the IANA database, in any case, or "CET/CEST".
func ianaZone(d *draft, c captured) *Error {
	if winter, place := bothSeasons(c[0].text); place != nil {
		return d.use(winter, place, false)
	}
	place, ok := location(ianaName(c[0].text))
	if !ok {
		return invalid(c[0].text, NoSuchZone)
	}
	d.named = []zone{{location: place}}
	return nil
}

// bothSeasons is the place that "cet/cest" and its like tell: whatever its clocks show.
func bothSeasons(names string) (winter string, place []use) {
	winter, summer, _ := strings.Cut(names, "/")
	for _, u := range abbreviations[winter] {
		for _, v := range abbreviations[summer] {
			if u.location == v.location && v.offset-u.offset == time.Hour {
				return winter, generic(u.location)
			}
		}
	}
	return winter, nil
}

// locations keeps the zones that exist and were asked for: reading one takes longer than reading a phrase.
var locations sync.Map // name -> *time.Location

func location(name string) (*time.Location, bool) {
	if found, ok := locations.Load(name); ok {
		return found.(*time.Location), true
	}
	found, err := time.LoadLocation(name)
	if err != nil {
		return nil, false
	}
	locations.Store(name, found)
	return found, true
}

// ianaName writes a name the way the database does: "america/port-au-prince" is America/Port-au-Prince.
func ianaName(lower string) string {
	var b strings.Builder
	for lower != "" {
		end := strings.IndexAny(lower, "/_-+")
		if end < 0 {
			end = len(lower)
		}
		b.WriteString(ianaPiece(lower[:end]))
		b.WriteString(lower[end:min(end+1, len(lower))])
		lower = lower[min(end+1, len(lower)):]
	}
	return b.String()
}

func ianaPiece(piece string) string {
	if odd, ok := ianaPieces[piece]; ok || piece == "" {
		return odd
	}
	return strings.ToUpper(piece[:1]) + piece[1:]
}

// ownZone is "local time", which is the asker's.
func ownZone(d *draft, _ captured) *Error {
	d.named = []zone{{location: d.zone}}
	return nil
}

// places are the zones of all places that have a name.
var places = func() map[string]string {
	all := maps.Clone(chinesePlaces)
	maps.Copy(all, englishPlaces)
	return all
}()

// placeZone is "东京时间" and "Tokyo time".
func placeZone(d *draft, c captured) *Error {
	return d.use(c[0].text, one(places[c[0].text], 0), false)
}

// seasonZone is "Eastern Standard Time" and its like: the first letter of the place and the suffix are short for it.
// Where the clocks are never changed there is only standard time.
func seasonZone(suffix string) func(*draft, captured) *Error {
	return func(d *draft, c captured) *Error {
		if place, ok := location(places[c[0].text]); ok && suffix == "st" && d.unchanging(place) {
			return placeZone(d, c)
		}
		name := c[0].text[:1] + suffix
		for _, u := range abbreviations[name] {
			if u.location == places[c[0].text] {
				return d.use(name, []use{u}, true)
			}
		}
		return invalid(d.text[zonePart], NoSuchZone)
	}
}

// numberedZone is "东八区" or "西五区".
func numberedZone(sign int) func(*draft, captured) *Error {
	return func(d *draft, c captured) *Error {
		offset := time.Duration(sign*c[0].n) * time.Hour
		if c[0].n < 1 || c[0].n > 12 {
			return invalid(d.text[zonePart], NoSuchOffset)
		}
		d.named = []zone{{location: fixedZone(offset)}}
		return nil
	}
}

// vagueZone is "服务器时间" or "美国时间", which only who typed it can know.
func vagueZone(d *draft, c captured) *Error {
	if !strings.HasPrefix(d.zone.String(), atHome[c[0].text]) { // the asker's own is none of that country
		return doubtful(c[0].text, SeveralZones)
	}
	d.named = []zone{{location: d.zone, why: becauseIn(InYourZone, d.zone)}}
	d.ask(Remark{Point: SeveralZones, Words: c[0].text})
	return nil
}

// abbreviatedZone is "CET" and its like. One that is used in several places is asked about.
func abbreviatedZone(d *draft, c captured) *Error {
	return d.use(c[0].text, abbreviations[c[0].text], true)
}

// agreedZone is "CEST (Europe/Berlin)" and "Berlin time (CEST)": a name that the clocks of the place go by in one half of
// the year.
func agreedZone(d *draft, c captured) *Error {
	name, area := c[0], c[1]
	if name.kind != abbreviation {
		name, area = area, name
	}
	if area.kind == place {
		area.text = places[area.text]
	}
	if refusal := ianaZone(d, captured{area}); refusal != nil {
		return refusal
	}
	place := d.named[0].location
	shown := d.shownIn(place)
	for _, u := range abbreviations[name.text] {
		if u.generic && u.location == place.String() || !u.generic && slices.Contains(shown, u.offset) {
			d.named = []zone{{location: place, offset: u.offset, strict: !u.generic}}
			return nil
		}
	}
	return refuse(Invalid, d.text[zonePart], Remark{Point: TwoZones, Words: strings.ToUpper(name.text), Others: ianaName(area.text)})
}

// shownIn is the offsets that the clocks of a place show in January and in July.
func (d *draft) shownIn(place *time.Location) (offsets []time.Duration) {
	for _, month := range []time.Month{time.January, time.July} {
		_, seconds := time.Date(d.today.Year(), month, 1, 0, 0, 0, 0, place).Zone()
		offsets = append(offsets, time.Duration(seconds)*time.Second)
	}
	return offsets
}

// unchanging tells a place whose clocks show one time all year.
func (d *draft) unchanging(place *time.Location) bool {
	shown := d.shownIn(place)
	return shown[0] == shown[1]
}

func (d *draft) use(name string, uses []use, strict bool) *Error {
	for _, u := range uses {
		place, ok := location(u.location)
		if !ok {
			return invalid(name, NoZoneData)
		}
		if strict && d.shows(name, u.offset) {
			place = d.zone
		}
		d.named = append(d.named, zone{place, u.offset, strict && !u.generic, becauseIn(InPlace, place)})
	}
	if area := atHome[name]; area != "" && strings.HasPrefix(d.zone.String(), area) {
		d.named = append(d.named, zone{location: d.zone, why: becauseIn(InYourZone, d.zone)})
	}
	if len(d.named) > 1 && d.offset == nil {
		d.ask(Remark{Point: SeveralZones, Words: strings.ToUpper(name)})
	}
	return nil
}

// shows tells that the asker's own clocks show the time of that name now: "AEST" in Brisbane, which has no summer time.
func (d *draft) shows(name string, offset time.Duration) bool {
	own, seconds := d.now.In(d.zone).Zone()
	return strings.EqualFold(own, name) && time.Duration(seconds)*time.Second == offset
}

// settleDash asks about "sunday 02:00 -05:00" and "02:00 UTC - 5", where the offset may be the end of a range. An ISO date with
// its T, or any with its year where a space parts the offset, or a clock time with seconds is no way to begin a range, nor is
// "-0700" behind a clock time of another look a way to end one, but in Chinese, which writes ranges that way.
func (d *draft) settleDash() *Error {
	words := strings.ReplaceAll(strings.TrimLeft(d.text[offsetPart], "UTCGMutcgm"), " ", "")
	joined := d.calendar && strings.HasSuffix(strings.ToLower(d.text[datePart]), "t")
	instant := joined || d.clock.seconds || d.sign.spaced && (d.calendar || d.year != 0 || d.unlikeClock())
	switch {
	case d.sign.text != "-", instant && !d.han:
	case d.han, !d.sign.spaced:
		return doubtful(words, ZoneOrRange)
	default:
		d.ask(Remark{Point: ZoneOrRange, Words: words})
	}
	return nil
}

// unlikeClock tells an offset of four figures beside a clock time that is written in another way.
func (d *draft) unlikeClock() bool {
	colon := func(part int) bool { return strings.Contains(d.text[part], ":") }
	return len(d.text[offsetPart]) == len("-0700") && !colon(offsetPart) && (d.clock.half || colon(clockPart))
}
