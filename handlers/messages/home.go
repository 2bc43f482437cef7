package messages

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/slack-go/slack"

	"cbhbot/approvals"
	"cbhbot/bot/mrkdwn"
	"cbhbot/handlers/cloud"
)

// Section is a part of the Home page.
type Section string

// The sections, in their order.
const (
	SectionWaiting  Section = "waiting"
	SectionMine     Section = "mine"
	SectionComing   Section = "coming"
	SectionFinished Section = "finished"
	SectionOffers   Section = "offers"
)

// Sections lists all sections.
var Sections = []Section{SectionWaiting, SectionMine, SectionComing, SectionFinished, SectionOffers}

// homeRows is how many lines of a section are shown at a time. All sections together
// then have about half of the blocks that a page may have.
const homeRows = 5

// Home is what one person sees on the bot's own page.
type Home struct {
	Note     []slack.Block        // what the person was answered last; nil: nothing
	Waiting  []*approvals.Request // for their approval
	Mine     []*approvals.Request
	Coming   []Coming // by their times
	Finished []View   // the latest first
	Offers   []cloud.Instance

	Unsure Saying // why nobody knows what waits; Saying{}: that is known
	Unread Saying // why there may be more on offer; Saying{}: there is not

	Pages map[Section]int  // from 0; a page behind the last one is the last
	Links map[int64]string // to the cards of requests, as far as they are known
}

// Coming is an upgrade that the cloud holds: that of a request, or one that was scheduled
// outside the bot.
type Coming struct {
	At      time.Time
	View    View           // zero: of no request
	Outside cloud.Instance // without a View
}

// Request is the id of the request that it is of, or 0.
func (c Coming) Request() int64 {
	if c.View.item == nil {
		return 0
	}
	return c.View.R.ID
}

// Shown are the requests that the page names.
func (h Home) Shown() []*approvals.Request {
	all := slices.Concat(page(h, SectionWaiting, h.Waiting), page(h, SectionMine, h.Mine))
	for _, one := range page(h, SectionComing, h.Coming) {
		if one.Request() != 0 {
			all = append(all, one.View.R)
		}
	}
	for _, v := range page(h, SectionFinished, h.Finished) {
		all = append(all, v.R)
	}
	return all
}

// Home draws the page.
func (v Voice) Home(h Home) slack.HomeTabViewRequest {
	blocks := slices.Clone(h.Note)
	if len(blocks) > 0 {
		blocks = append(blocks, slack.NewDividerBlock())
	}
	said := len(blocks)
	for _, section := range Sections {
		blocks = append(blocks, v.section(h, section)...)
	}
	if len(blocks) == said {
		blocks = append(blocks, sections(v.Say(Say(HomeNothing)))...)
	}
	return HomeOf(blocks)
}

// HomeOf is a page of some blocks.
func HomeOf(blocks []slack.Block) slack.HomeTabViewRequest {
	return slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: blocks}}
}

// section is a title, a page of rows, and where it is one of several the way to the
// others; nothing where there is nothing to show.
func (v Voice) section(h Home, section Section) []slack.Block {
	rows, total, why := v.rows(h, section)
	if total == 0 && why.None() {
		return nil
	}
	var n any = total
	if total == 0 {
		n = "?"
	}
	blocks := append([]slack.Block{header(v.Plain(Say(homeTitles[section], "n", n)))}, rows...)
	if !why.None() {
		blocks = append(blocks, small(v.Say(why)))
	}
	if total > homeRows {
		from, to := PageOf(h.Pages[section], homeRows, total)
		turns := Turns(ActTurn, from/homeRows, to < total, func(page int) string { return Turn{section, page}.value() })
		which := Say(HomePage, "from", from+1, "to", to, "total", total)
		blocks = append(blocks, small(v.Say(which)), v.buttons(turns))
	}
	return blocks
}

var homeTitles = map[Section]Key{
	SectionWaiting: HomeWaiting, SectionMine: HomeMine, SectionComing: HomeComing, SectionFinished: HomeFinished, SectionOffers: HomeOffers,
}

// rows are those of a section's page, how many there are in all, and why there may be more.
func (v Voice) rows(h Home, section Section) (rows []slack.Block, total int, why Saying) {
	switch section {
	case SectionWaiting:
		for _, r := range page(h, section, h.Waiting) {
			rows = append(rows, v.waiting(r, h.Links[r.ID])...)
		}
		return rows, len(h.Waiting), h.Unsure
	case SectionMine:
		for _, r := range page(h, section, h.Mine) {
			rows = append(rows, v.row(standingOf(r, Link(r, h.Links[r.ID])), mine(r)))
		}
		return rows, len(h.Mine), Saying{}
	case SectionComing:
		return v.list(each(page(h, section, h.Coming), h.comes)), len(h.Coming), Saying{}
	case SectionFinished:
		return v.list(each(page(h, section, h.Finished), h.finished)), len(h.Finished), Saying{}
	}
	for _, i := range page(h, section, h.Offers) {
		rows = append(rows, v.offered(i))
	}
	return rows, len(h.Offers), h.Unread
}

// row is some lines.
func (v Voice) row(all ...Saying) *slack.SectionBlock {
	return slack.NewSectionBlock(markup(v.text(lines(factsOf(all))).Cut(longestRow)), nil, nil)
}

const longestRow = 2000 // of a section's 3000 characters

// waiting is a request to decide, with the card's own buttons.
func (v Voice) waiting(r *approvals.Request, url string) []slack.Block {
	all := []Saying{Say(HomeAsk, "link", Link(r, url), Whole(r)), peopleOf(r)}
	if r.Reason != "" {
		all = append(all, Say(WhyAsked, "reason", mrkdwn.Line(r.Reason, longestWhy)))
	}
	return []slack.Block{v.row(all...), v.buttons(pendingActions(r, r.Marker().String())[:2])}
}

const longestWhy = 200

// mine is who did what about somebody's own request, or is waited for.
func mine(r *approvals.Request) Saying {
	v := Whole(r)
	switch {
	case r.State == approvals.Pending:
		return Say(MineNeeds, v)
	case r.Emergency != nil:
		return Say(MineEmergency, "by", r.Emergency.By, v)
	case len(r.Approvals()) > 0:
		return Say(MineApproved, v)
	}
	return Saying{}
}

// list is one block of lines.
func (v Voice) list(all []Saying) []slack.Block {
	if len(all) == 0 {
		return nil
	}
	return []slack.Block{v.row(all...)}
}

func (h Home) comes(one Coming) Saying {
	if one.Request() != 0 {
		return Say(HomeComes, "link", Link(one.View.R, h.Links[one.Request()]), one.View)
	}
	return Say(HomeOutside, "held", one.At, "bastion", bastionName(one.Outside))
}

func (h Home) finished(one View) Saying {
	key := HomeEnded
	if one.Stage == approvals.Succeeded {
		key = HomeWent
	}
	return Say(key, "link", Link(one.R, h.Links[one.R.ID]), "ended", one.Ended(), one)
}

// offered is a bastion with an upgrade on offer, and the form for it.
func (v Voice) offered(i cloud.Instance) slack.Block {
	draft := Draft{Verb: "upgrade", Instance: cloud.Reference(i.Project, i.ServerID)}
	plan := Button{Action: ActPickTime, Label: Say(LabelPlan), Value: draft.Value()}
	row := v.row(Say(HomeOffer, "name", bastionName(i), "version", code(i.Version), "offer", offer(i.Offer())))
	row.Accessory = slack.NewAccessory(v.button(plan.Action, plan))
	return row
}

// page is what a section shows of its items.
func page[T any](h Home, section Section, all []T) []T {
	from, to := PageOf(h.Pages[section], homeRows, len(all))
	return all[from:to]
}

// Turn is what a button carries that turns a section's page.
type Turn struct {
	Section Section `json:"s"`
	Page    int     `json:"n"`
}

func (t Turn) value() string {
	text, err := json.Marshal(t)
	if err != nil {
		panic(err) // words and numbers always encode
	}
	return string(text)
}
