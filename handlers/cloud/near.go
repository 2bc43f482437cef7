package cloud

import (
	"cmp"
	"slices"
	"strings"
)

// mostOffered is how many instances are offered to choose from.
const mostOffered = 5

// key is what a name is compared with: project/name where it is written so.
func (s *snapshot) key(n int, name string) string {
	if strings.Contains(name, "/") {
		return s.full[n]
	}
	return s.name(n)
}

// beginning are the instances whose name begins like that.
func beginning(lists []*snapshot, name string) []Instance {
	var found []Instance
	for _, s := range lists {
		var those []Instance
		for n := range s.all {
			if name != "" && strings.HasPrefix(s.key(n, name), name) {
				those = append(those, s.all[n])
			}
		}
		found = merge(found, those)
	}
	return found
}

// candidate is an instance that may have been meant.
type candidate struct {
	Instance
	far int // how far its name is from what was typed; -1: it begins like that
}

// nearest are the instances that may have been meant, the likeliest first.
func nearest(lists []*snapshot, name string) []Instance {
	var near []candidate
	for _, s := range lists {
		for n, i := range s.all {
			if far, fits := distant(s.key(n, name), name); fits {
				near = append(near, candidate{i, far})
			}
		}
	}
	slices.SortStableFunc(near, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.far, b.far), compareNames(a.Instance.Instance, b.Instance.Instance))
	})
	var best []Instance
	for _, c := range near[:min(len(near), mostOffered)] {
		best = append(best, c.Instance)
	}
	return best
}

// distant compares a name with what was typed. It fits when it begins like that,
// has it inside, or is a typing error away.
func distant(key, typed string) (far int, fits bool) {
	limit := max(2, len(typed)/3)
	switch {
	case typed == "":
		return 0, false
	case strings.HasPrefix(key, typed):
		return -1, true
	case strings.Contains(key, typed):
		return Distance([]byte(key), []byte(typed)), true
	case len(key)-len(typed) > limit, len(typed)-len(key) > limit:
		return 0, false
	}
	far = Distance([]byte(key), []byte(typed))
	return far, far <= limit
}

// Distance is the number of bytes, or of characters, to insert, delete or replace to make one
// text of the other (Levenshtein).
func Distance[E byte | rune](a, b []E) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j := range b {
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
