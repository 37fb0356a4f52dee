package main

import (
	"sync"

	"zkwire/bench/peers/internal/peer"
)

// tree is what the walk's goroutines share: the nodes seen and not yet asked.
type tree struct {
	lock    sync.Mutex
	changed *sync.Cond
	todo    []string
	busy    int
	nodes   int
}

// walk asks every node for its children, with at most inFlight requests at once: the client
// has no walk of its own.
func (j job) walk() result {
	seen := tree{todo: []string{j.path}, nodes: 1}
	seen.changed = sync.NewCond(&seen.lock)
	began := now()
	var workers sync.WaitGroup
	for range j.inFlight {
		workers.Go(func() { j.visit(&seen) })
	}
	workers.Wait()
	ended := now()
	if seen.nodes != j.count {
		peer.Fail("walk: another number of nodes")
	}
	return between(began, ended, []int64{})
}

func (j job) visit(seen *tree) {
	for {
		path, ok := seen.take()
		if !ok {
			return
		}
		children, _, err := j.conn.Children(path)
		peer.Check("children", err)
		if path == "/" {
			path = ""
		}
		seen.add(path, children)
	}
}

func (t *tree) take() (string, bool) {
	t.lock.Lock()
	defer t.lock.Unlock()
	for len(t.todo) == 0 && t.busy > 0 {
		t.changed.Wait()
	}
	if len(t.todo) == 0 {
		return "", false
	}
	last := len(t.todo) - 1
	path := t.todo[last]
	t.todo = t.todo[:last]
	t.busy++
	return path, true
}

func (t *tree) add(path string, children []string) {
	t.lock.Lock()
	defer t.lock.Unlock()
	for _, child := range children {
		t.todo = append(t.todo, path+"/"+child)
	}
	t.nodes += len(children)
	t.busy--
	if len(children) > 1 || t.busy == 0 {
		t.changed.Broadcast()
	}
}
