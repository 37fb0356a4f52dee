import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.concurrent.CountDownLatch;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.recipes.leader.LeaderSelector;
import org.apache.curator.framework.recipes.leader.LeaderSelectorListenerAdapter;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.retry.RetryOneTime;

/** Takes and gives away Curator's lock or leadership, as it is told on standard input. */
public final class Peer {
    private static volatile CountDownLatch resigned;

    public static void main(String[] args) throws Exception {
        CuratorFramework client =
                CuratorFrameworkFactory.newClient(args[0], 2000, 10000, new RetryOneTime(100));
        client.start();
        client.blockUntilConnected();
        InterProcessMutex mutex = new InterProcessMutex(client, args[1]);
        LeaderSelector selector =
                new LeaderSelector(
                        client,
                        args[1],
                        new LeaderSelectorListenerAdapter() {
                            @Override
                            public void takeLeadership(CuratorFramework ignored) throws Exception {
                                System.out.println("leading");
                                resigned.await();
                            }
                        });
        selector.setId("curator");
        System.out.println("ready");
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = lines.readLine()) != null; ) {
            switch (line) {
                case "lock":
                    mutex.acquire();
                    System.out.println("locked");
                    break;
                case "unlock":
                    mutex.release();
                    System.out.println("unlocked");
                    break;
                case "lead":
                    resigned = new CountDownLatch(1);
                    selector.start();
                    break;
                case "resign":
                    resigned.countDown();
                    System.out.println("resigned");
                    break;
                default:
                    throw new IllegalArgumentException(line);
            }
        }
        client.close();
    }
}
