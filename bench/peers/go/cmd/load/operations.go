package main

import (
	"bytes"
	"fmt"
	"sync"
	"sync/atomic"

	"zkwire/bench/peers/internal/peer"

	"github.com/go-zookeeper/zk"
)

// Up to so many requests under way, each one's latency is a figure of its own.
const mostTimed = 16

const setsInTransaction = 10

// repeat does an operation warmUp times unmeasured, and count times measured.
func (j job) repeat(operation func(i int)) result {
	j.spread(operation, 0, j.warmUp, nil)
	took := []int64{}
	if j.inFlight <= mostTimed {
		took = make([]int64, j.count)
	}
	began := now()
	j.spread(operation, j.warmUp, j.count, took)
	return between(began, now(), took)
}

// spread keeps inFlight requests under way.  The client's calls block, so a goroutine for each;
// it has no call that only asks.  (GOMAXPROCS=1 took a fifth less CPU time with 256 in flight,
// but was no quicker, and with 1 in flight was slower.)
func (j job) spread(operation func(i int), first, count int, took []int64) {
	if j.inFlight == 1 {
		for i := range count {
			timed(operation, first, i, took)
		}
		return
	}
	var next atomic.Int64
	var workers sync.WaitGroup
	for range j.inFlight {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < count; i = int(next.Add(1)) - 1 {
				timed(operation, first, i, took)
			}
		})
	}
	workers.Wait()
}

func timed(operation func(i int), first, i int, took []int64) {
	if len(took) == 0 {
		operation(first + i)
		return
	}
	asked := peer.Now()
	operation(first + i)
	took[i] = peer.Now() - asked
}

// operation is one request and the check of its reply.
func (j job) operation(op string) func(i int) {
	data := bytes.Repeat([]byte{'x'}, j.size)
	switch op {
	case "get":
		return func(int) {
			found, stat, err := j.conn.Get(j.path)
			peer.Check("get", err)
			if len(found) != j.size || int(stat.DataLength) != j.size {
				peer.Fail("get: a value of another size")
			}
		}
	case "set":
		return func(int) {
			stat, err := j.conn.Set(j.path, data, -1)
			peer.Check("set", err)
			if int(stat.DataLength) != j.size {
				peer.Fail("set: a value of another size")
			}
		}
	case "create":
		return func(i int) {
			name := fmt.Sprintf("%s/n%08d", j.path, i)
			made, err := j.conn.Create(name, data, zk.FlagPersistent, peer.ACL)
			peer.Check("create", err)
			if made != name {
				peer.Fail("create: another name")
			}
		}
	case "delete":
		return func(i int) {
			peer.Check("delete", j.conn.Delete(fmt.Sprintf("%s/n%08d", j.path, i), -1))
		}
	case "children":
		return func(int) {
			found, _, err := j.conn.Children(j.path)
			peer.Check("children", err)
			if len(found) != j.size {
				peer.Fail("children: another number")
			}
		}
	case "multi":
		return func(int) { j.transaction(data) }
	}
	peer.Fail("no such operation: " + op)
	return nil
}

func (j job) transaction(data []byte) {
	sets := make([]any, setsInTransaction)
	for i := range sets {
		sets[i] = &zk.SetDataRequest{Path: j.path, Data: data, Version: -1}
	}
	replies, err := j.conn.Multi(sets...)
	peer.Check("multi", err)
	if len(replies) != setsInTransaction {
		peer.Fail("multi: another number of results")
	}
	for _, reply := range replies {
		peer.Check("multi", reply.Error)
		if reply.Stat == nil || int(reply.Stat.DataLength) != j.size {
			peer.Fail("multi: a value of another size")
		}
	}
}
