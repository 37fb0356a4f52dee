import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.CountDownLatch;
import org.apache.zookeeper.AsyncCallback.DataCallback;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Version;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.Stat;

/**
 * Gets through the official Java client: the same work as every other contender's.
 *
 * <p>Without arguments it prints the versions of client and JVM.
 *
 * <p>{@code Get SERVER PATH SIZE pipelined|sequential WARM_UP GETS [IN_FLIGHT]} prints JSON:
 * seconds, CPU seconds of this process (every thread, compiler and collector too) between the
 * end of the warm-up and the last reply, and for sequential gets the nanoseconds each took.
 */
final class Get {
    private static final int SESSION_TIMEOUT_MS = 10_000;
    /** Asked for in batches of so many, made in one callback, as the C program does. */
    private static final int BATCH = 64;

    private static String path;
    private static int size;
    private static ZooKeeper zk;

    /** One run of pipelined gets; its counters belong to the client's event thread. */
    private static final class Pipeline implements DataCallback {
        private final CountDownLatch finished = new CountDownLatch(1);
        private final long inFlight;
        private long leftToAsk;
        private long leftToCome;
        private int owed;

        Pipeline(long gets, long inFlight) {
            this.inFlight = inFlight;
            leftToAsk = gets;
            leftToCome = gets;
        }

        void run() throws InterruptedException {
            zk.getData(path, false, (code, where, context, data, stat) -> ask(inFlight), null);
            finished.await();
        }

        private void ask(long requests) {
            for (long i = 0; i < requests && leftToAsk > 0; i++) {
                leftToAsk--;
                zk.getData(path, false, this, null);
            }
        }

        @Override
        public void processResult(int code, String where, Object context, byte[] data, Stat stat) {
            check(code, data, stat);
            if (++owed == BATCH) {
                ask(owed);
                owed = 0;
            }
            if (--leftToCome == 0) {
                finished.countDown();
            }
        }
    }

    private static void check(int code, byte[] data, Stat stat) {
        if (code != Code.OK.intValue() || data.length != size || stat.getDataLength() != size) {
            System.err.println("Get: not what was asked for: " + Code.get(code));
            Runtime.getRuntime().halt(1);
        }
    }

    private static void getOneByOne(long[] took) throws Exception {
        for (int i = 0; i < took.length; i++) {
            Stat stat = new Stat();
            long asked = System.nanoTime();
            byte[] data = zk.getData(path, false, stat);
            took[i] = System.nanoTime() - asked;
            check(Code.OK.intValue(), data, stat);
        }
    }

    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 0) {
            System.out.println("zookeeper.jar " + Version.getVersion() + " on " + System.getProperty("java.vm.name")
                    + " " + System.getProperty("java.version"));
            return;
        }
        path = arguments[1];
        size = Integer.parseInt(arguments[2]);
        boolean isPipelined = arguments[3].equals("pipelined");
        int warmUp = Integer.parseInt(arguments[4]);
        int gets = Integer.parseInt(arguments[5]);
        int inFlight = isPipelined ? Integer.parseInt(arguments[6]) : 1;
        long[] took = new long[isPipelined ? 0 : gets];
        CountDownLatch connected = new CountDownLatch(1);
        zk = new ZooKeeper(arguments[0], SESSION_TIMEOUT_MS, event -> {
            if (event.getState() == KeeperState.SyncConnected) {
                connected.countDown();
            }
        });
        connected.await();

        if (isPipelined) {
            new Pipeline(warmUp, inFlight).run();
        } else {
            getOneByOne(new long[warmUp]);
        }
        OperatingSystemMXBean system =
                (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long cpuBefore = system.getProcessCpuTime();
        long began = System.nanoTime();
        if (isPipelined) {
            new Pipeline(gets, inFlight).run();
        } else {
            getOneByOne(took);
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        double cpu = (system.getProcessCpuTime() - cpuBefore) / 1e9;

        StringBuilder text = new StringBuilder();
        text.append("{\"seconds\": ").append(seconds).append(", \"cpu\": ").append(cpu);
        text.append(", \"took\": ").append(java.util.Arrays.toString(took)).append("}");
        System.out.println(text);
        zk.close();
    }
}
