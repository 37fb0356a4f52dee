import java.util.concurrent.CountDownLatch;
import org.apache.zookeeper.AsyncCallback.StatCallback;
import org.apache.zookeeper.ZooKeeper;

/**
 * So many requests kept under way.
 *
 * <p>They are made on the client's event thread, from within callbacks, 64 at a time as the C
 * program does, so the counters need no lock. A narrow window is refilled at once, for else it
 * would run empty.
 */
final class Window {
    private static final int BATCH = 64;
    private static final int NARROW = 16;

    private final CountDownLatch finished = new CountDownLatch(1);
    private final Operation operation;
    private final int first;
    private final int end;
    private final int inFlight;
    private final int batch;
    /** When each was asked for, then how long it took; null where nobody wants to know. */
    private final long[] stamps;

    private int next;
    private int left;
    private int owed;

    private Window(Operation operation, int first, int count, int inFlight, long[] took) {
        this.operation = operation;
        this.first = first;
        this.inFlight = inFlight;
        next = first;
        end = first + count;
        left = count;
        batch = batchOf(inFlight);
        stamps = took;
    }

    static int batchOf(int inFlight) {
        return inFlight <= NARROW ? 1 : Math.min(BATCH, inFlight / 4);
    }

    /** Does operations from number {@code first} on. */
    static void run(
            ZooKeeper zk, Operation operation, int first, int count, int inFlight, long[] took)
            throws Exception {
        if (count == 0) {
            return;
        }
        if (inFlight == 1) {
            oneByOne(operation, first, count, took);
            return;
        }
        Window window = new Window(operation, first, count, inFlight, took);
        zk.exists("/", false, (StatCallback) (code, where, context, stat) -> {
            Common.must("exists", code);
            window.ask(window.inFlight);
        }, null);
        window.finished.await();
    }

    private static void oneByOne(Operation operation, int first, int count, long[] took)
            throws Exception {
        for (int i = 0; i < count; i++) {
            long asked = System.nanoTime();
            operation.one(first + i);
            if (took != null) {
                took[i] = System.nanoTime() - asked;
            }
        }
    }

    private void ask(int requests) {
        for (int i = 0; i < requests && next < end; i++, next++) {
            if (stamps == null) {
                operation.ask(next, this, null);
            } else {
                stamps[next - first] = System.nanoTime();
                operation.ask(next, this, next - first);
            }
        }
    }

    /** An operation was answered, and the reply is right; called on the event thread. */
    void answered(Object context) {
        if (stamps != null) {
            int number = (Integer) context;
            stamps[number] = System.nanoTime() - stamps[number];
        }
        if (++owed == batch) {
            ask(owed);
            owed = 0;
        }
        if (--left == 0) {
            finished.countDown();
        }
    }
}
