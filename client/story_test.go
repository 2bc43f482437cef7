package client_test

import (
	"testing"
	"time"

	"cbhbot/client"
	"cbhbot/client/cbhemu"
)

func TestAMinorUpgradeIsScheduledRunsAndEnds(t *testing.T) {
	c := newCloud(t, "prod")
	at := c.schedule(t)

	if i := c.prod(t); !i.UpgradeTime.Equal(at) || !i.Idle || i.Update != client.Minor {
		t.Errorf("scheduled: %+v", i)
	}
	c.clock.skip(25*time.Hour + time.Minute)
	if i := c.prod(t); !i.Running || i.Idle {
		t.Errorf("running: %+v", i)
	}
	c.clock.skip(34 * time.Minute)
	i := c.prod(t)
	if !i.Idle || i.Running || i.Version != "3.3.52.1" || i.Update != client.Latest || !i.UpgradeTime.IsZero() {
		t.Errorf("finished: %+v", i)
	}
	calls := c.Requests(cbhemu.OpUpgrade)
	if len(calls) != 1 || calls[0].Body != `{"server_id":"`+i.ServerID+`","upgrade_time":1772532000000,"cancel":false}` {
		t.Errorf("calls: %+v", calls)
	}
}
