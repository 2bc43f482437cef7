package approvals

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// everyEvent has one event of each type.
var everyEvent = []Event{
	Approve{}, Deny{}, Retract{}, Withdraw{}, TakeOut{}, Reschedule{}, BreakGlass{}, TryAgain{}, Close{},
	Expire{}, Unpostable{}, Lapse{}, Remind{}, Hold{}, Conclude{}, Claim{}, Unclaim{}, Finish{}, TakeBack{}, TakeOver{}, Release{}, Look{}, Blind{}, HeadsUp{},
}

// Words of which the program needs no list.
var (
	taskKinds = []TaskKind{TaskExpire, TaskRemind, TaskCall, TaskInquire, TaskLook, TaskTakeBack, TaskTakeOver, TaskRelease, TaskHeadsUp, TaskForget}
	steps     = []Step{StepCancel, StepTakeOver}
	offers    = []Offer{OfferNone, OfferMinor, OfferCrossVersion, OfferRollback}
	verdicts  = []Verdict{Yes, No}
)

func words[T ~string](lists ...[]T) []string {
	var all []string
	for _, word := range slices.Concat(lists...) {
		all = append(all, string(word))
	}
	return all
}

// source is the package's files, without the tests.
func source(t *testing.T) []*ast.File {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}

// constants lists the values of the constants of each type.
func constants(files []*ast.File) map[string][]string {
	found := map[string][]string{}
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) == 0 {
				return true
			}
			kind, named := spec.Type.(*ast.Ident)
			text, literal := spec.Values[0].(*ast.BasicLit)
			if named && literal && text.Kind == token.STRING {
				value, _ := strconv.Unquote(text.Value)
				found[kind.Name] = append(found[kind.Name], value)
			}
			return true
		})
	}
	return found
}

// TestEveryWordIsInItsList compares the constants in the source with the lists of
// the words between rooms. A word of a type without a list fails as well.
func TestEveryWordIsInItsList(t *testing.T) {
	lists := map[string][]string{
		"Action": words(Actions), "State": words(decisionStates, ItemStates), "Verb": words(Verbs), "Obstacle": words(Obstacles),
		"NoticeKind": words(NoticeKinds), "Code": words(Codes), "End": words(Ends), "OutcomeKind": words(OutcomeKinds), "Step": words(steps),
		"TaskKind": words(taskKinds), "Offer": words(offers), "Verdict": words(verdicts), "Milestone": words(Milestones),
	}
	found := constants(source(t))
	for _, kind := range slices.Sorted(maps.Keys(found)) {
		got, want := slices.Sorted(slices.Values(lists[kind])), slices.Sorted(slices.Values(found[kind]))
		if !slices.Equal(got, want) {
			t.Errorf("%s: listed are\n%q, and there are\n%q", kind, got, want)
		}
		if once := slices.Compact(want); len(once) != len(found[kind]) || slices.Contains(once, "") {
			t.Errorf("%s: two are one, or one is nothing: %q", kind, found[kind])
		}
		delete(lists, kind)
	}
	for kind := range lists {
		t.Errorf("there is no %s", kind)
	}
}

// TestTheTableHasARowForEachEvent, and each row only states that there are.
func TestTheTableHasARowForEachEvent(t *testing.T) {
	types := 0
	for _, file := range source(t) {
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == "About" && f.Recv != nil {
				types++
			}
		}
	}
	if types != len(everyEvent) || len(table) != types {
		t.Errorf("%d types of events, %d in the test's list, %d rows", types, len(everyEvent), len(table))
	}
	for _, event := range everyEvent {
		verb, item := event.About()
		if row, found := table[verb]; !found || len(row.decision) == 0 || (item == Whole) != (row.item == nil) {
			t.Errorf("%s: %v", verb, row)
		}
	}
	for verb, row := range table {
		for _, s := range row.decision {
			if !slices.Contains(decisionStates, s) {
				t.Errorf("%s: %s is no state of a decision", verb, s)
			}
		}
		for _, s := range row.item {
			if !slices.Contains(ItemStates, s) {
				t.Errorf("%s: %s is no state of an item", verb, s)
			}
		}
	}
}

// TestTheDiagramIsTrue compares the ways in the package comment with those that the
// model finds.
func TestTheDiagramIsTrue(t *testing.T) {
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	drawn, remarks := map[State][]State{}, regexp.MustCompile(`\([^)]*\)`)
	for line := range strings.Lines(string(text)) {
		from, ends, found := strings.Cut(remarks.ReplaceAllString(strings.TrimPrefix(line, "//"), ""), "─►")
		for to := range strings.SplitSeq(ends, "|") {
			if from := State(strings.TrimSpace(from)); found {
				drawn[from] = append(drawn[from], State(strings.TrimSpace(to)))
			}
		}
	}
	ways := maps.Clone(decisionWays)
	maps.Copy(ways, itemWays)
	for _, states := range [][]State{decisionStates, ItemStates} {
		for _, from := range states {
			if got, want := slices.Sorted(slices.Values(drawn[from])), slices.Sorted(slices.Values(ways[from])); !slices.Equal(got, want) {
				t.Errorf("from %s there are ways to %q, and doc.go shows %q", from, want, got)
			}
		}
	}
}
