import java.util.concurrent.CountDownLatch;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.AsyncCallback.DataCallback;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooKeeper;

/** So many events, counted as they are delivered, on the client's event thread. */
final class Watches implements Watcher {
    private static final int SETTING_WINDOW = 256;

    private final CountDownLatch finished = new CountDownLatch(1);
    private final ZooKeeper zk;
    private final int expected;
    private final Figures figures;
    private int events;

    Watches(ZooKeeper zk, int expected, Figures figures) {
        this.zk = zk;
        this.expected = expected;
        this.figures = figures;
    }

    @Override
    public void process(WatchedEvent event) {
        if (event.getType() == Event.EventType.None) {
            return; // a lost connection ends the run
        }
        if (events++ == 0) {
            figures.begin();
        }
        if (events == expected) {
            figures.end();
            finished.countDown();
        }
    }

    /** One watch for each node, which is told of once. */
    void runOneShot(String path) throws Exception {
        Operation setting = new Operation() {
            @Override
            public void one(int number) {
                throw new UnsupportedOperationException();
            }

            @Override
            public void ask(int number, Window window, Object context) {
                zk.getData(path + "/w" + Common.padded(number), Watches.this,
                        (DataCallback) (code, where, given, data, stat) -> {
                            Common.must("getData", code);
                            window.answered(given);
                        }, context);
            }
        };
        Window.run(zk, setting, 0, expected, SETTING_WINDOW, null);
        await();
    }

    /** One watch for all of them, which stays. */
    void runPersistent(String path) throws Exception {
        zk.addWatch(path, this, AddWatchMode.PERSISTENT_RECURSIVE);
        await();
    }

    private void await() throws InterruptedException {
        System.out.println("ready");
        System.out.flush();
        finished.await();
    }
}
