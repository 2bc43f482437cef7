package bot

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestAFloodIsManyUnackedAndAWhileAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f flood
		for range floodFrom {
			f.enter()
		}
		if f.on() {
			t.Errorf("%d are no flood", floodFrom)
		}
		f.enter()
		time.Sleep(time.Minute)
		if !f.on() {
			t.Errorf("%d are a flood for as long as they wait", floodFrom+1)
		}
		f.enter()
		for range floodFrom + 2 {
			f.leave()
		}
		if !f.on() {
			t.Error("it was over at once")
		}
		time.Sleep(floodFor)
		if f.on() {
			t.Error("it was never over")
		}
	})
}
