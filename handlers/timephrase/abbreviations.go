package timephrase

import "time"

// use is a place whose clocks an abbreviation is used for, and the offset it stands for. The generic ones,
// like "ET", are whatever the clocks there show.
type use struct {
	location string
	offset   time.Duration
	generic  bool
}

func one(location string, offset time.Duration) []use {
	return []use{{location: location, offset: offset}}
}
func generic(location string) []use { return []use{{location: location, generic: true}} }

// abbreviations are the short names of zones that are in wide use. Those with several meanings are asked about.
var abbreviations = map[string][]use{
	"est": one("America/New_York", -5*time.Hour), "edt": one("America/New_York", -4*time.Hour),
	"pst": one("America/Los_Angeles", -8*time.Hour), "pdt": one("America/Los_Angeles", -7*time.Hour),
	"mst": one("America/Denver", -7*time.Hour), "mdt": one("America/Denver", -6*time.Hour),
	"cdt":  one("America/Chicago", -5*time.Hour),
	"akst": one("America/Anchorage", -9*time.Hour), "akdt": one("America/Anchorage", -8*time.Hour),
	"hst": one("Pacific/Honolulu", -10*time.Hour),
	"nst": one("America/St_Johns", -3*time.Hour-30*time.Minute), "ndt": one("America/St_Johns", -2*time.Hour-30*time.Minute),
	"brt": one("America/Sao_Paulo", -3*time.Hour),
	"wet": one("Europe/Lisbon", 0),
	"cet": one("Europe/Berlin", time.Hour), "cest": one("Europe/Berlin", 2*time.Hour),
	"eet": one("Europe/Athens", 2*time.Hour), "eest": one("Europe/Athens", 3*time.Hour),
	"msk":  one("Europe/Moscow", 3*time.Hour),
	"sast": one("Africa/Johannesburg", 2*time.Hour),
	"pkt":  one("Asia/Karachi", 5*time.Hour),
	"npt":  one("Asia/Kathmandu", 5*time.Hour+45*time.Minute),
	"wib":  one("Asia/Jakarta", 7*time.Hour),
	"ict":  one("Asia/Bangkok", 7*time.Hour),
	"pht":  one("Asia/Manila", 8*time.Hour),
	"bjt":  one("Asia/Shanghai", 8*time.Hour),
	"hkt":  one("Asia/Hong_Kong", 8*time.Hour), "sgt": one("Asia/Singapore", 8*time.Hour), "myt": one("Asia/Kuala_Lumpur", 8*time.Hour),
	"jst": one("Asia/Tokyo", 9*time.Hour), "kst": one("Asia/Seoul", 9*time.Hour),
	"awst": one("Australia/Perth", 8*time.Hour),
	"acst": one("Australia/Adelaide", 9*time.Hour+30*time.Minute), "acdt": one("Australia/Adelaide", 10*time.Hour+30*time.Minute),
	"aest": one("Australia/Sydney", 10*time.Hour), "aedt": one("Australia/Sydney", 11*time.Hour),
	"nzst": one("Pacific/Auckland", 12*time.Hour), "nzdt": one("Pacific/Auckland", 13*time.Hour),

	"et": generic("America/New_York"), "ct": generic("America/Chicago"), "mt": generic("America/Denver"), "pt": generic("America/Los_Angeles"),

	"west": {{location: "Europe/Lisbon", offset: time.Hour}, {location: "America/Los_Angeles", generic: true}},

	"british summer":   one("Europe/London", time.Hour),
	"central european": one("Europe/Berlin", time.Hour), "central european standard": one("Europe/Berlin", time.Hour),
	"central european summer": one("Europe/Berlin", 2*time.Hour),

	"bst": {{location: "Europe/London", offset: time.Hour}, {location: "Asia/Dhaka", offset: 6 * time.Hour}},
	"cst": {
		{location: "America/Chicago", offset: -6 * time.Hour}, {location: "Asia/Shanghai", offset: 8 * time.Hour},
		{location: "America/Havana", offset: -5 * time.Hour},
	},
	"ist": {
		{location: "Asia/Kolkata", offset: 5*time.Hour + 30*time.Minute}, {location: "Europe/Dublin", offset: time.Hour},
		{location: "Asia/Jerusalem", offset: 2 * time.Hour},
	},
	"ast": {{location: "America/Halifax", offset: -4 * time.Hour}, {location: "Asia/Riyadh", offset: 3 * time.Hour}},
	"gst": {{location: "Asia/Dubai", offset: 4 * time.Hour}, {location: "Atlantic/South_Georgia", offset: -2 * time.Hour}},
}

// atHome are the names that mean something else, too, to those whose own zone begins like that, and countries of several zones
// with how their zones begin.
var atHome = map[string]string{
	"pst": "Asia/Manila", "mst": "Asia/Kuala_Lumpur", "est": "Australia/", "edt": "Australia/", "eastern": "Australia/", "cst": "Australia/",
	"cdt": "Australia/", "central": "Australia/", "la": "Asia/", // where it may be a sigh
	"美国": "America/", "加拿大": "America/", "墨西哥": "America/", "巴西": "America/", "俄罗斯": "Europe/Moscow", "欧洲": "Europe/", "欧美": "Europe/",
	"澳大利亚": "Australia/", "澳洲": "Australia/", "印尼": "Asia/Jakarta", "印度尼西亚": "Asia/Jakarta",
}

// ianaPieces are the pieces of IANA names that are not a capital and small letters.
var ianaPieces = map[string]string{
	"es": "es", "of": "of", "au": "au", "us": "US", "gmt": "GMT", "utc": "UTC", "uct": "UCT", "nsw": "NSW", "act": "ACT", "lhi": "LHI",
	"mcmurdo": "McMurdo", "dumontdurville": "DumontDUrville", "comodrivadavia": "ComodRivadavia",
	"easterisland": "EasterIsland", "bajanorte": "BajaNorte", "bajasur": "BajaSur", "denoronha": "DeNoronha",
}
