import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;

/** Time, and CPU time of this process: every thread of it, compiler and collector too. */
final class Figures {
    private final OperatingSystemMXBean system =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private long began;
    private long ended;
    private long cpu;

    void begin() {
        cpu = system.getProcessCpuTime();
        began = System.nanoTime();
    }

    void end() {
        ended = System.nanoTime();
        cpu = system.getProcessCpuTime() - cpu;
    }

    void print(String more, long[] took) {
        System.out.println("{\"seconds\": " + (ended - began) / 1e9 + ", \"cpu\": " + cpu / 1e9
                + more + ", \"took\": " + (took == null ? "[]" : Arrays.toString(took)) + "}");
    }
}
