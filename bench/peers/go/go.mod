module zkwire/bench/peers

go 1.25

require (
	github.com/go-zookeeper/zk v1.0.4
	golang.org/x/sys v0.35.0
)
