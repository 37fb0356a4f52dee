import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.apache.zookeeper.AsyncCallback.ChildrenCallback;
import org.apache.zookeeper.AsyncCallback.StatCallback;
import org.apache.zookeeper.ZooKeeper;

/**
 * A visit of every node under a path: children are asked for from within callbacks, as many at
 * once as may be.
 *
 * <p>The client's own {@code ZKUtil.listSubTreeBFS} and {@code visitSubTreeDFS} ask for one node's
 * children after the other's, so they are as slow as this is with one request at a time.
 */
final class Walk implements ChildrenCallback {
    private final CountDownLatch finished = new CountDownLatch(1);
    private final ArrayDeque<String> waiting = new ArrayDeque<>();
    private final ZooKeeper zk;
    private final int inFlight;
    private int underWay;
    private int visited;

    private Walk(ZooKeeper zk, String path, int inFlight) {
        this.zk = zk;
        this.inFlight = inFlight;
        waiting.push(path);
    }

    static void run(ZooKeeper zk, String path, int count, int inFlight) throws Exception {
        Walk walk = new Walk(zk, path, inFlight);
        if (inFlight == 1) {
            while (!walk.waiting.isEmpty()) {
                String node = walk.waiting.pop();
                walk.visit(node, zk.getChildren(node, false));
            }
        } else {
            zk.exists("/", false, (StatCallback) (code, where, context, stat) -> {
                Common.must("exists", code);
                walk.ask();
            }, null);
            walk.finished.await();
        }
        if (walk.visited != count) {
            throw Common.fail("visited " + walk.visited + " nodes, and not " + count);
        }
    }

    private void visit(String path, List<String> names) {
        visited++;
        if (!names.isEmpty()) {
            String prefix = path.equals("/") ? path : path + "/";
            for (String name : names) {
                waiting.push(prefix + name);
            }
        }
    }

    private void ask() {
        while (underWay < inFlight && !waiting.isEmpty()) {
            underWay++;
            zk.getChildren(waiting.pop(), false, this, null);
        }
    }

    @Override
    public void processResult(int code, String path, Object context, List<String> names) {
        Common.must("getChildren", code);
        visit(path, names);
        underWay--;
        if (underWay == 0 || inFlight - underWay >= Window.batchOf(inFlight)) {
            ask();
        }
        if (underWay == 0) {
            finished.countDown();
        }
    }
}
