package cloud_test

import (
	"fmt"
	"testing"
	"time"

	"cbhbot/approvals"
)

// BenchmarkFind is the work of a name in a kept list: wholly typed.
func BenchmarkFind(b *testing.B) {
	perSize(b, func(b *testing.B, s *sky) {
		for b.Loop() {
			if _, err := s.Find(b.Context(), "bastion-0011"); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkSurveyFind is a look at one instance in a kept list.
func BenchmarkSurveyFind(b *testing.B) {
	perSize(b, func(b *testing.B, s *sky) {
		for b.Loop() {
			seen, err := s.Survey(b.Context(), "prod", time.Now().Add(-time.Hour))
			if o := seen.Find(approvals.Target{ServerID: "gone", Name: "bastion-0011"}); o.Missing || err != nil {
				b.Fatal(o, err)
			}
		}
	})
}

// BenchmarkSearch lists those with a text in their name.
func BenchmarkSearch(b *testing.B) {
	perSize(b, func(b *testing.B, s *sky) {
		for b.Loop() {
			if found, err := s.Search(b.Context(), "ion-001"); err != nil || len(found) != 10 {
				b.Fatal(len(found), err)
			}
		}
	})
}

// BenchmarkRead reads the list over real HTTP and makes all that is looked up in
// it; the emulated cloud's own work is the most of it.
func BenchmarkRead(b *testing.B) {
	perSize(b, func(b *testing.B, s *sky) {
		for b.Loop() {
			if _, err := s.Survey(b.Context(), "prod", time.Now()); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// perSize runs with a list that is kept, of each size.
func perSize(b *testing.B, run func(b *testing.B, s *sky)) {
	for _, n := range []int{20, 200, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := newSky(b, "prod")
			s.clouds["prod"].Replace(bastions(n))
			if all, err := s.Instances(b.Context()); err != nil || len(all) != n {
				b.Fatal(len(all), err)
			}
			b.ReportAllocs()
			run(b, s)
		})
	}
}
