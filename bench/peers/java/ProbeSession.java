import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.apache.zookeeper.AsyncCallback.StatCallback;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;

/**
 * One session, and the next where it is over: a new handle, made at once, as the client's manual
 * has it.
 *
 * <p>The client, as of 3.9.5, takes a session for expired by itself too, where it has heard nothing
 * for 4/3 of the timeout, the server frozen or dead. It tells that with the same event as the
 * server's word, Expired, so they cannot be told apart here.
 */
final class ProbeSession {
    private final int index;
    private final String servers;
    private final int timeout;
    private final String root;
    private final String path;

    ProbeSession(int index, String servers, int timeout, String root) {
        this.index = index;
        this.servers = servers;
        this.timeout = timeout;
        this.root = root;
        path = String.format("%s/e%05d", root, index);
    }

    void open() throws IOException {
        Handle handle = new Handle();
        synchronized (handle) { // it may be told something before it knows its client
            handle.zk = new Client(servers, timeout, handle);
        }
    }

    /** The client lets subclasses alone know where it is connected to. */
    private static final class Client extends ZooKeeper {
        Client(String servers, int timeout, Watcher watcher) throws IOException {
            super(servers, timeout, watcher);
        }

        String to() {
            SocketAddress address = testableRemoteSocketAddress();
            if (!(address instanceof InetSocketAddress)) {
                return "";
            }
            InetSocketAddress there = (InetSocketAddress) address;
            return there.getAddress().getHostAddress() + ":" + there.getPort();
        }
    }

    /** One handle is one session; it is told things, and answered, on its own event thread. */
    private final class Handle implements Watcher {
        private Client zk;
        private boolean isAsked;
        private boolean isMade;
        private boolean isOver;

        @Override
        public synchronized void process(WatchedEvent event) {
            long when = System.nanoTime();
            String raw = ", \"raw\": \"" + event.getState() + "\"";
            switch (event.getState()) {
                case SyncConnected:
                    connected(when);
                    break;
                case Disconnected:
                    Probe.tell(when, index, "suspended", raw);
                    break;
                case Expired:
                    expired(when, raw);
                    break;
                default:
                    throw Common.fail("the session " + index + ": " + event);
            }
        }

        private void connected(long when) {
            Probe.tell(when, index, "connected", ", \"id\": \"0x"
                    + Long.toHexString(zk.getSessionId()) + "\", \"to\": \"" + zk.to() + "\"");
            zk.exists(root, false, (StatCallback) (code, where, context, stat) -> {
                if (code == Code.OK.intValue()) {
                    Probe.tell(System.nanoTime(), index, "answered", "");
                }
            }, null);
            if (!isMade) {
                create(isAsked);
                isAsked = true;
            }
        }

        private void create(boolean isAgain) {
            zk.create(path, new byte[0], Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL,
                    (code, where, context, name) -> {
                        boolean isThere = code == Code.NODEEXISTS.intValue();
                        if (code == Code.OK.intValue() || (isThere && isAgain)) {
                            isMade = true;
                            Probe.tell(System.nanoTime(), index, "ephemeral", "");
                        } else if (isThere) { // the session's before, which the server still has
                            zk.delete(path, -1, (removed, at, nothing) -> {
                                if (removed == Code.OK.intValue()
                                        || removed == Code.NONODE.intValue()) {
                                    create(false);
                                }
                            }, null);
                        } // else the connection is lost: asked for again when there is another
                    }, null);
        }

        private void expired(long when, String raw) {
            if (isOver) { // told twice where it is the server's word
                return;
            }
            isOver = true;
            Probe.tell(when, index, "expired", raw);
            try {
                open();
            } catch (IOException | OutOfMemoryError error) {
                throw Common.fail("the session " + index + ": " + error);
            }
        }
    }
}
