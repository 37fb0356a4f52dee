// Probe keeps sessions open through go-zookeeper/zk, and prints what the client tells of them.
//
//	probe SERVERS TIMEOUT_MS PATH SESSIONS SPREAD_MS
//	probe                                           (prints the client's version)
//
// It ends, without closing the sessions, when its standard input does.
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"zkwire/bench/peers/internal/peer"

	"golang.org/x/sys/unix"
)

// Lines that may wait for whoever reads them, before the client's goroutines do.
const backlog = 1 << 16

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
	if len(os.Args) != 6 {
		peer.Fail("probe SERVERS TIMEOUT_MS PATH SESSIONS SPREAD_MS")
	}
	allowFiles()
	lines := make(chan string, backlog)
	go write(lines)
	sessions := number(os.Args[4])
	spread := time.Duration(number(os.Args[5])) * time.Millisecond
	began := time.Now()
	go func() {
		for i := range sessions {
			time.Sleep(time.Until(began.Add(spread * time.Duration(i) / time.Duration(sessions))))
			one := &session{
				i:     i,
				base:  os.Args[3],
				path:  fmt.Sprintf("%s/e%05d", os.Args[3], i),
				lines: lines,
				made:  make(chan struct{}),
			}
			one.open(strings.Split(os.Args[1], ","), time.Duration(number(os.Args[2]))*time.Millisecond)
		}
	}()
	_, _ = io.Copy(io.Discard, os.Stdin)
	os.Exit(0)
}

// write flushes as soon as no further line is there.
func write(lines <-chan string) {
	out := bufio.NewWriter(os.Stdout)
	for line := range lines {
		_, _ = out.WriteString(line)
		if len(lines) == 0 {
			_ = out.Flush()
		}
	}
}

// allowFiles raises the soft limit of open files to the hard one.
func allowFiles() {
	var limit unix.Rlimit
	peer.Check("getrlimit", unix.Getrlimit(unix.RLIMIT_NOFILE, &limit))
	limit.Cur = limit.Max
	peer.Check("setrlimit", unix.Setrlimit(unix.RLIMIT_NOFILE, &limit))
}
