package main

import (
	"fmt"
	"sync/atomic"

	"zkwire/bench/peers/internal/peer"

	"github.com/go-zookeeper/zk"
)

// Watches may be set as quickly as the client can: only their delivery is measured.
const watchesAtOnce = 256

// deliveries are the events that the client has handed to this program's callback.
type deliveries struct {
	wanted       atomic.Int64
	seen         int64
	began, ended instant
	all          chan struct{}
}

// event is called by the client's own goroutine, for every event.
func (d *deliveries) event(event zk.Event) {
	if event.Type != zk.EventNodeDataChanged {
		return
	}
	d.seen++
	if d.seen == 1 {
		d.began = now()
	}
	if d.seen == d.wanted.Load() {
		d.ended = now()
		close(d.all)
	}
}

// oneShot sets a data watch on each node, and waits until each has fired.
func (j job) oneShot(delivered *deliveries) result {
	// The callback is where the client delivers an event first.  The watch's own channel gets
	// it after that, and needs a goroutine of the user's to be woken.
	delivered.all = make(chan struct{})
	delivered.wanted.Store(int64(j.count))
	j.inFlight = max(j.inFlight, watchesAtOnce)
	j.spread(func(i int) {
		_, _, _, err := j.conn.GetW(fmt.Sprintf("%s/w%08d", j.path, i))
		peer.Check("get with a watch", err)
	}, 0, j.count, nil)
	fmt.Println("ready")
	<-delivered.all
	found := between(delivered.began, delivered.ended, []int64{})
	found.Events = j.count
	return found
}
