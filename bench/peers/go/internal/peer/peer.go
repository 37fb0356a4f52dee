// Package peer is what both programs share: the clock, the version line, a quiet client.
package peer

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"

	"github.com/go-zookeeper/zk"
	"golang.org/x/sys/unix"
)

const client = "github.com/go-zookeeper/zk"

// Now is CLOCK_MONOTONIC in nanoseconds: the clock of every client's program.
func Now() int64 {
	var now unix.Timespec
	Check("clock_gettime", unix.ClockGettime(unix.CLOCK_MONOTONIC, &now))
	return now.Nano()
}

// CPU is the user and system seconds that this process has taken.
func CPU() (user, system float64) {
	var usage unix.Rusage
	Check("getrusage", unix.Getrusage(unix.RUSAGE_SELF, &usage))
	return float64(usage.Utime.Nano()) / 1e9, float64(usage.Stime.Nano()) / 1e9
}

// PrintVersion prints the client's name and version, and the runtime's.
func PrintVersion() {
	version := "of unknown version"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range info.Deps {
			if module.Path == client {
				version = module.Version
			}
		}
	}
	fmt.Printf("%s %s on %s\n", client, version, runtime.Version())
}

// Quiet is a logger that says nothing: the client logs each connection, and each that is refused.
type Quiet struct{}

// Printf does nothing.
func (Quiet) Printf(string, ...any) {}

// ACL is the open ACL.
var ACL = zk.WorldACL(zk.PermAll)

// Check ends the program on an error.
func Check(what string, err error) {
	if err != nil {
		Fail(fmt.Sprintf("%s: %v", what, err))
	}
}

// Fail ends the program.
func Fail(why string) {
	fmt.Fprintln(os.Stderr, why)
	os.Exit(1)
}
