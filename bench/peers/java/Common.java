import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Version;

/** What both programs on the official Java client need. */
final class Common {
    private Common() {}

    static void printVersion() {
        System.out.println("zookeeper.jar " + Version.getVersion() + " on "
                + System.getProperty("java.vm.name") + " " + System.getProperty("java.version"));
    }

    /** Says what went wrong, and exits with 1; halting ends the client's threads too. */
    static RuntimeException fail(String what) {
        System.err.println(what);
        Runtime.getRuntime().halt(1);
        return new IllegalStateException(what);
    }

    static void must(String what, int code) {
        if (code != Code.OK.intValue()) {
            throw fail(what + ": " + Code.get(code));
        }
    }

    /** Eight digits, without the work of String.format, which parses its pattern each time. */
    static String padded(int number) {
        return Integer.toString(100_000_000 + number).substring(1);
    }
}
