package messages

import (
	"errors"
	"slices"
	"time"

	"github.com/slack-go/slack"

	"cbhbot/handlers/timephrase"
)

// phraseSamples are what is said of phrases for times, and each point once.
func phraseSamples() map[string]*Answer {
	refused := slices.Index(timephrase.Points, timephrase.SeveralWays)
	doubted := slices.Index(timephrase.Points, timephrase.WhichHalf)
	read := slices.Index(timephrase.Points, timephrase.BeforeNoon)
	return map[string]*Answer{
		"asked":                       Tell(AskedFor(pending()), Say(ReadAs, "how", HowRead(readingOf("sunday 2am")))),
		"asked in a zone":             Tell(AskedFor(pending()), Say(ReadAs, "how", HowRead(readingOf("sunday 2am Beijing time")))),
		"asked in hours":              Tell(AskedFor(pending()), Say(ReadAs, "how", HowRead(readingOf("in 78 hours")))),
		"which time":                  whichTime(),
		"a time":                      Tell(ReadTime(readingOf("sunday 2am"))),
		"not a time":                  Tell(PhraseFault(faultOf("sunday 2am delete"))),
		"a misspelt time":             Tell(PhraseFault(faultOf("next sundya 2am"))),
		"one time left":               offeredFor("2am"),
		"phrases refused":             {Lines: pointLines(timephrase.Points[:refused])},
		"phrases in doubt":            {Lines: pointLines(timephrase.Points[doubted:read])},
		"phrases that lack something": {Lines: pointLines(timephrase.Points[refused:doubted])},
		"readings of phrases":         {Lines: pointLines(timephrase.Points[read:])},
	}
}

// sampleLimits are those of the cloud.
var sampleLimits = timephrase.Limits{Min: 24*time.Hour + LeadSlack, Max: 60 * 24 * time.Hour}

func readingOf(phrase string) timephrase.Reading {
	reading, err := timephrase.Parse(phrase, sampleNow, ZoneOf("Asia/Shanghai"), sampleLimits)
	if err != nil {
		panic(err)
	}
	return reading
}

func faultOf(phrase string) *timephrase.Error {
	_, err := timephrase.Parse(phrase, sampleNow, ZoneOf("Asia/Shanghai"), sampleLimits)
	fault, ok := errors.AsType[*timephrase.Error](err)
	if !ok {
		panic(err)
	}
	return fault
}

func pointLines(points []timephrase.Point) []Saying {
	about := timephrase.Remark{
		Words: "8/9", Others: "monday", Number: 31, Weekday: time.Sunday, At: sampleNow, Latest: sampleNow.AddDate(1, 0, 0),
		Length: 24 * time.Hour, Zone: ZoneOf("Europe/Berlin"),
	}
	return each(points, func(p timephrase.Point) Saying { return Say(pointKey(p), remark(about)...) })
}

func offeredFor(phrase string) *Answer {
	fault := faultOf(phrase)
	a := Tell(PhraseFault(fault))
	a.OfferPhrase(fault, Draft{Verb: "upgrade"})
	return a
}

func whichTime() *Answer {
	a := offeredFor("next sunday 2am")
	a.OfferTime(sampleNow.Add(40*time.Minute), Saying{}, Draft{Verb: "upgrade"})
	a.OfferOtherTime(Draft{Verb: "upgrade"})
	a.Buttons = append(a.Buttons, Button{Action: ActOverride, Label: Say(LabelAnyway), Value: "{}", Style: slack.StyleDanger})
	return a
}
