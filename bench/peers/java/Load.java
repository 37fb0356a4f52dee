import java.util.concurrent.CountDownLatch;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooKeeper;

/**
 * Operations through the official Java client: the same work as every other client's load program.
 *
 * <p>{@code Load SERVERS OPERATION PATH SIZE IN_FLIGHT WARM_UP COUNT} prints a line of JSON:
 * seconds and CPU seconds between the end of the warm-up and the last reply, and the nanoseconds
 * that each operation took, where no more than 16 were in flight. Without arguments it prints the
 * versions of client and JVM.
 */
final class Load {
    private static final int TIMEOUT_MS = 10_000;
    private static final int WALK_TIMEOUT_MS = 30_000;
    private static final int WIDEST_TIMED = 16;

    private static volatile boolean isClosing;

    private Load() {}

    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 0) {
            Common.printVersion();
            return;
        }
        if (arguments.length != 7) {
            System.err.println("Load: SERVERS OPERATION PATH SIZE IN_FLIGHT WARM_UP COUNT");
            System.exit(2);
        }
        String name = arguments[1];
        ZooKeeper zk = connect(arguments[0], name.equals("walk") ? WALK_TIMEOUT_MS : TIMEOUT_MS);
        try {
            run(zk, name, arguments);
        } catch (Exception error) {
            throw Common.fail(name + ": " + error);
        }
        isClosing = true;
        zk.close();
    }

    private static void run(ZooKeeper zk, String name, String[] arguments) throws Exception {
        String path = arguments[2];
        int size = Integer.parseInt(arguments[3]);
        int inFlight = Integer.parseInt(arguments[4]);
        int warmUp = Integer.parseInt(arguments[5]);
        int count = Integer.parseInt(arguments[6]);
        Figures figures = new Figures();
        String more = "";
        long[] took = null;

        switch (name) {
            case "one-shot":
                new Watches(zk, count, figures).runOneShot(path);
                more = ", \"events\": " + count;
                break;
            case "persistent":
                new Watches(zk, count, figures).runPersistent(path);
                more = ", \"events\": " + count;
                break;
            case "walk":
                for (int nodes = 0; nodes < warmUp; nodes += count) { // whole walks
                    Walk.run(zk, path, count, inFlight);
                }
                figures.begin();
                Walk.run(zk, path, count, inFlight);
                figures.end();
                break;
            default:
                Operation operation = new Operations(zk, path, size).named(name);
                took = inFlight <= WIDEST_TIMED ? new long[count] : null;
                // Stamped like those that count: what was compiled without would be compiled anew.
                long[] ignored = took == null ? null : new long[warmUp];
                Window.run(zk, operation, 0, warmUp, inFlight, ignored);
                figures.begin();
                Window.run(zk, operation, warmUp, count, inFlight, took);
                figures.end();
        }
        figures.print(more, took);
    }

    private static ZooKeeper connect(String servers, int timeout) throws Exception {
        CountDownLatch connected = new CountDownLatch(1);
        ZooKeeper zk = new ZooKeeper(servers, timeout, event -> {
            if (event.getState() == KeeperState.SyncConnected) {
                connected.countDown();
            } else if (!isClosing) { // what is measured here is a connection that lasts
                throw Common.fail("the connection was lost: " + event);
            }
        });
        connected.await();
        return zk;
    }
}
