// Takes and gives away a go-zookeeper lock, as it is told on standard input.
package main

import (
	"bufio"
	"fmt"
	"os"
	"time"

	"github.com/go-zookeeper/zk"
)

type silent struct{}

func (silent) Printf(string, ...interface{}) {}

func main() {
	conn, _, err := zk.Connect([]string{os.Args[1]}, 2*time.Second, zk.WithLogger(silent{}))
	if err != nil {
		panic(err)
	}
	defer conn.Close()
	lock := zk.NewLock(conn, os.Args[2], zk.WorldACL(zk.PermAll))
	fmt.Println("ready")
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		switch lines.Text() {
		case "lock":
			if err := lock.Lock(); err != nil {
				panic(err)
			}
			fmt.Println("locked")
		case "unlock":
			if err := lock.Unlock(); err != nil {
				panic(err)
			}
			fmt.Println("unlocked")
		}
	}
}
