package main

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"zkwire/bench/peers/internal/peer"

	"github.com/go-zookeeper/zk"
)

// session is one client.  After an expiry it goes on by itself with a new session.
type session struct {
	i          int
	base, path string
	lines      chan<- string
	conn       *zk.Conn
	made       chan struct{} // closed when conn is there
	owner      atomic.Int64  // the session that the ephemeral is made for
}

// open keeps all of the client's defaults but its logger.
//
// The events come by callback: the channel of events holds six, and the client drops those
// that find it full.
func (s *session) open(servers []string, timeout time.Duration) {
	conn, _, err := zk.Connect(
		servers, timeout,
		zk.WithLogger(peer.Quiet{}), zk.WithLogInfo(false), zk.WithEventCallback(s.event),
	)
	peer.Check("connect", err)
	s.conn = conn
	close(s.made)
}

func (s *session) say(at int64, event, more string) {
	s.lines <- fmt.Sprintf("{\"t\": %d, \"i\": %d, \"e\": \"%s\"%s}\n", at, s.i, event, more)
}

func (s *session) event(event zk.Event) {
	at := peer.Now()
	if event.Type != zk.EventSession {
		return
	}
	raw := fmt.Sprintf(", \"raw\": \"%v\"", event.State)
	switch event.State {
	case zk.StateHasSession:
		<-s.made
		id := s.conn.SessionID()
		s.say(at, "connected", fmt.Sprintf(", \"id\": \"0x%x\", \"to\": \"%s\"", uint64(id), event.Server))
		go s.ask()
		if s.owner.Swap(id) != id {
			go s.createEphemeral(id)
		}
	case zk.StateDisconnected:
		s.say(at, "suspended", raw)
	case zk.StateExpired:
		s.say(at, "expired", raw)
	}
}

func (s *session) ask() {
	if _, _, err := s.conn.Exists(s.base); err == nil {
		s.say(peer.Now(), "answered", "")
	}
}

// createEphemeral tries until the node is there and this session's, or the session is over.
func (s *session) createEphemeral(id int64) {
	for s.owner.Load() == id {
		_, err := s.conn.Create(s.path, nil, zk.FlagEphemeral, peer.ACL)
		switch {
		case err == nil:
			// Else it is the next session's, whose own attempt finds that.
			if s.owner.Load() == id {
				s.say(peer.Now(), "ephemeral", "")
			}
			return
		case errors.Is(err, zk.ErrNodeExists):
			if s.isMine(id) {
				s.say(peer.Now(), "ephemeral", "")
				return
			}
		default:
			// The connection went, or there is none yet; the client has no call that waits.
			time.Sleep(100 * time.Millisecond)
		}
	}
}

// isMine says whether a reply that was lost had created the node.  The node of a session
// before, which the server has not ended yet, is waited for.
func (s *session) isMine(id int64) bool {
	there, stat, gone, err := s.conn.ExistsW(s.path)
	if err != nil {
		time.Sleep(100 * time.Millisecond)
		return false
	}
	if there && stat.EphemeralOwner == id {
		return true
	}
	if there {
		<-gone
	}
	return false
}
