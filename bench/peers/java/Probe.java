import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * What the official Java client tells of its sessions, as it tells it.
 *
 * <p>{@code Probe SERVERS TIMEOUT_MS PATH SESSIONS SPREAD_MS} prints a line of JSON for each thing
 * told: connected, suspended, expired; and for what it asks of its own: ephemeral, answered. Ends
 * when its standard input does. Without arguments it prints the versions of client and JVM.
 */
final class Probe {
    private static final OutputStream OUT = new FileOutputStream(FileDescriptor.out);

    private Probe() {}

    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 0) {
            Common.printVersion();
            return;
        }
        if (arguments.length != 5) {
            System.err.println("Probe: SERVERS TIMEOUT_MS PATH SESSIONS SPREAD_MS");
            System.exit(2);
        }
        long began = System.nanoTime();
        Thread watch = new Thread(Probe::exitWithInput);
        watch.setDaemon(true);
        watch.start();
        int timeout = Integer.parseInt(arguments[1]);
        int sessions = Integer.parseInt(arguments[3]);
        long spread = Long.parseLong(arguments[4]) * 1_000_000;
        try {
            for (int i = 0; i < sessions; i++) {
                long left = (began + spread * i / sessions - System.nanoTime()) / 1_000_000;
                if (left > 0) {
                    Thread.sleep(left);
                }
                new ProbeSession(i, arguments[0], timeout, arguments[2]).open();
            }
        } catch (Exception | OutOfMemoryError error) { // the latter: no more threads
            throw Common.fail("a session: " + error);
        }
        watch.join();
    }

    private static void exitWithInput() {
        try {
            while (System.in.read() >= 0) {
                continue;
            }
        } catch (IOException error) {
            System.err.println("the standard input: " + error);
        }
        Runtime.getRuntime().halt(0);
    }

    /** Writes a line at once, and as a whole. */
    static void tell(long when, int index, String event, String more) {
        byte[] line = ("{\"t\": " + when + ", \"i\": " + index + ", \"e\": \"" + event + "\""
                + more + "}\n").getBytes(StandardCharsets.US_ASCII);
        synchronized (OUT) {
            try {
                OUT.write(line);
            } catch (IOException error) {
                throw Common.fail("the standard output: " + error);
            }
        }
    }
}
