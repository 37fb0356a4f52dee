// Load does one operation many times through go-zookeeper/zk, and says what it took.
//
//	load SERVERS OP PATH SIZE IN_FLIGHT WARM_UP COUNT
//	load                                            (prints the client's version)
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"zkwire/bench/peers/internal/peer"

	"github.com/go-zookeeper/zk"
)

const (
	sessionTimeout     = 10 * time.Second
	walkSessionTimeout = 30 * time.Second
)

type job struct {
	conn                          *zk.Conn
	path                          string
	size, inFlight, warmUp, count int
}

// result is what is printed; a time stamp and the CPU time are taken together.
type result struct {
	Seconds float64 `json:"seconds"`
	User    float64 `json:"user"`
	System  float64 `json:"system"`
	Events  int     `json:"events,omitempty"`
	Took    []int64 `json:"took"`
}

type instant struct {
	at           int64
	user, system float64
}

func now() instant {
	user, system := peer.CPU()
	return instant{peer.Now(), user, system}
}

func between(began, ended instant, took []int64) result {
	return result{
		Seconds: float64(ended.at-began.at) / 1e9,
		User:    ended.user - began.user,
		System:  ended.system - began.system,
		Took:    took,
	}
}

func number(text string) int {
	value, err := strconv.Atoi(text)
	peer.Check("not a number", err)
	return value
}

func main() {
	if len(os.Args) == 1 {
		peer.PrintVersion()
		return
	}
	if len(os.Args) != 8 {
		peer.Fail("load SERVERS OP PATH SIZE IN_FLIGHT WARM_UP COUNT")
	}
	op := os.Args[2]
	if op == "persistent" {
		print(map[string]string{"not measured": "go-zookeeper/zk has no addWatch request"})
		return
	}
	timeout := sessionTimeout
	if op == "walk" {
		timeout = walkSessionTimeout
	}
	var delivered deliveries
	conn, events, err := zk.Connect(
		strings.Split(os.Args[1], ","), timeout,
		zk.WithLogger(peer.Quiet{}), zk.WithLogInfo(false), zk.WithEventCallback(delivered.event),
	)
	peer.Check("connect", err)
	for event := range events {
		if event.State == zk.StateHasSession {
			break
		}
	}
	work := job{
		conn, os.Args[3], number(os.Args[4]), number(os.Args[5]), number(os.Args[6]), number(os.Args[7]),
	}
	switch op {
	case "one-shot":
		print(work.oneShot(&delivered))
	case "walk":
		print(work.walk())
	default:
		print(work.repeat(work.operation(op)))
	}
	conn.Close()
}

func print(found any) {
	line, err := json.Marshal(found)
	peer.Check("result", err)
	fmt.Println(string(line))
}
