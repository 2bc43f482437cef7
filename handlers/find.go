package handlers

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/slack-go/slack"
)

// mostNames is how many names are offered to choose from.
const mostNames = 5

// question is an error that the person can answer with a button.
type question struct {
	text    string
	options []slack.BlockElement
}

func (q *question) Error() string { return q.text }

// find looks for the instance somebody named: by server id, by name in any
// case, by project/name, or by a prefix that fits only one. Otherwise the error
// is a *question with the candidates as buttons, which continue the draft.
//
// A project that cannot be read may hold a namesake: then only a whole name
// will do.
func (c *Cloud) find(ctx context.Context, name string, draft Draft) (Instance, error) {
	all, unread := c.Instances(ctx)
	matches := []func(Instance, string) bool{sameID, sameName, hasPrefix}
	if unread != nil {
		matches = matches[:2]
	}
	for _, match := range matches {
		found := filter(all, name, match)
		if len(found) == 1 {
			return found[0], nil
		}
		if len(found) > 1 {
			return Instance{}, which("More than one instance is called like "+code(name)+". Which one do you mean?", found, draft)
		}
	}
	if unread != nil {
		return Instance{}, unread
	}
	return Instance{}, unknown(all, name, draft)
}

// unknown is the answer to a name that nothing has.
func unknown(all []Instance, name string, draft Draft) error {
	near := nearest(all, name)
	if len(near) == 0 {
		return sentence("There is no instance called %s. Type `/cbh instances` for those there are.", code(name))
	}
	return which("There is no instance called "+code(name)+". Do you mean one of these?", near, draft)
}

func sameID(i Instance, name string) bool {
	return i.ServerID != "" && strings.EqualFold(i.ServerID, name)
}

func sameName(i Instance, name string) bool {
	return strings.EqualFold(i.Name, name) || strings.EqualFold(i.Project+"/"+i.Name, name)
}

func hasPrefix(i Instance, name string) bool {
	name = strings.ToLower(name)
	return name != "" && (strings.HasPrefix(strings.ToLower(i.Name), name) ||
		strings.HasPrefix(strings.ToLower(i.Project+"/"+i.Name), name))
}

func filter(all []Instance, name string, match func(Instance, string) bool) []Instance {
	var found []Instance
	for _, i := range all {
		if match(i, name) {
			found = append(found, i)
		}
	}
	return found
}

// which offers instances as buttons, each of which continues the draft.
func which(text string, found []Instance, draft Draft) error {
	q := &question{text: text}
	if more := len(found) - mostNames; more > 0 {
		q.text += fmt.Sprintf(" These are the first %d; %d more fit, so you can also type more of the name.", mostNames, more)
	}
	for n, i := range found[:min(len(found), mostNames)] {
		draft.Instance = i.reference()
		q.options = append(q.options, button(numbered(actContinue, n), choice(i), draft.value()))
	}
	return q
}

// choice tells instances of the same name apart.
func choice(i Instance) string {
	if !i.Shared {
		return i.display()
	}
	return fmt.Sprintf("%s %.8s…", i.display(), i.ServerID)
}

// nearest are the names a typing error away, best first.
func nearest(all []Instance, name string) []Instance {
	name = strings.ToLower(name)
	called := func(i Instance) string {
		if strings.Contains(name, "/") {
			return strings.ToLower(i.Project + "/" + i.Name)
		}
		return strings.ToLower(i.Name)
	}
	near := slices.DeleteFunc(slices.Clone(all), func(i Instance) bool {
		return distance(called(i), name) > max(2, len(name)/3) && !strings.Contains(called(i), name)
	})
	slices.SortStableFunc(near, func(a, b Instance) int {
		return distance(called(a), name) - distance(called(b), name)
	})
	return near[:min(len(near), mostNames)]
}

// distance is the number of letters to insert, delete or replace (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			above := row[j+1]
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(above+1, row[j]+1, diagonal+cost)
			diagonal = above
		}
	}
	return row[len(b)]
}
