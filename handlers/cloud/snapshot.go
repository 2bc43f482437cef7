package cloud

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"cbhbot/approvals"
	"cbhbot/client"
)

// snapshot is a project's list as one read showed it, with all that is looked up
// in it. It is never changed.
type snapshot struct {
	begun  time.Time
	prefix string     // "project/" in lower case
	all    []Instance // by name
	full   []string   // project/name of each in lower case
	named  map[string]int
	ids    map[string]int
	survey approvals.Survey
}

// newSnapshot takes the list over.
func newSnapshot(project string, begun time.Time, list []client.Instance) *snapshot {
	slices.SortFunc(list, func(a, b client.Instance) int {
		return cmp.Or(compareNames(a, b), strings.Compare(a.ServerID, b.ServerID))
	})
	all := paired(project, list)
	s := &snapshot{
		begun: begun, prefix: strings.ToLower(project) + "/", all: all, full: make([]string, len(all)),
		named: make(map[string]int, len(all)), ids: make(map[string]int, len(list)),
	}
	seen := make([]approvals.Observation, len(all))
	for n, i := range all {
		s.full[n] = s.prefix + strings.ToLower(i.Name)
		s.ids[strings.ToLower(i.ServerID)] = n
		s.ids[strings.ToLower(i.Standby.ServerID)] = n
		seen[n] = i.observation()
	}
	delete(s.ids, "")
	s.nameAll()
	s.survey = approvals.NewSurvey(begun, seen)
	return s
}

func compareNames(a, b client.Instance) int {
	return cmp.Or(strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), strings.Compare(a.Name, b.Name))
}

// nameAll indexes the first instance of each name, and marks those that share it.
func (s *snapshot) nameAll() {
	for from := 0; from < len(s.all); {
		to := s.last(from)
		s.named[s.name(from)] = from
		for n := from; n < to; n++ {
			s.all[n].Shared = n > from && s.all[n-1].Name == s.all[n].Name || n+1 < to && s.all[n+1].Name == s.all[n].Name
		}
		from = to
	}
	delete(s.named, "")
}

// name is an instance's name in lower case.
func (s *snapshot) name(n int) string { return s.full[n][len(s.prefix):] }

// last is the end of those that have the name of the first in any case.
func (s *snapshot) last(first int) int {
	end := first + 1
	for end < len(s.full) && s.full[end] == s.full[first] {
		end++
	}
	return end
}

// id finds the instance with that server id, or project/id, in lower case.
func (s *snapshot) id(id string) (n int, known bool) {
	n, known = s.ids[strings.TrimPrefix(id, s.prefix)]
	return n, known
}

// has reports whether an instance has that name or server id, in lower case.
func (s *snapshot) has(name string) bool {
	_, known := s.id(name)
	return known || s.called(name) != nil
}

// called are the instances with that whole name, or project/name, in lower case.
func (s *snapshot) called(name string) []Instance {
	n, known := s.named[strings.TrimPrefix(name, s.prefix)]
	if !known {
		return nil
	}
	return s.all[n:s.last(n)]
}

// containing are the instances with a text in their project/name, or the one that
// has it as its server id.
func (s *snapshot) containing(text string) []Instance {
	if text == "" {
		return s.all
	}
	if n, known := s.id(text); known {
		return s.all[n : n+1]
	}
	var found []Instance
	for n, full := range s.full {
		if strings.Contains(full, text) {
			found = append(found, s.all[n])
		}
	}
	return found
}
