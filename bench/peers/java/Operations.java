import java.util.ArrayList;
import java.util.List;
import org.apache.zookeeper.AsyncCallback.ChildrenCallback;
import org.apache.zookeeper.AsyncCallback.DataCallback;
import org.apache.zookeeper.AsyncCallback.MultiCallback;
import org.apache.zookeeper.AsyncCallback.StatCallback;
import org.apache.zookeeper.AsyncCallback.StringCallback;
import org.apache.zookeeper.AsyncCallback.VoidCallback;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.Stat;

/** The operations that are repeated; every reply is checked. */
final class Operations {
    private static final int TOGETHER = 10;

    private final ZooKeeper zk;
    private final String path;
    private final int size;
    private final byte[] value;

    Operations(ZooKeeper zk, String path, int size) {
        this.zk = zk;
        this.path = path;
        this.size = size;
        value = new byte[size];
        java.util.Arrays.fill(value, (byte) 'x');
    }

    Operation named(String name) {
        switch (name) {
            case "get":
                return new Get();
            case "set":
                return new Set();
            case "create":
                return new Create();
            case "delete":
                return new Delete();
            case "children":
                return new Children();
            case "multi":
                return new Multi();
            default:
                throw Common.fail("there is no operation " + name);
        }
    }

    private void checkSize(int length, Stat stat) {
        if (length != size || stat.getDataLength() != size) {
            throw Common.fail("a value of another size");
        }
    }

    private String node(int number) {
        return path + "/n" + Common.padded(number);
    }

    private final class Get implements Operation {
        @Override
        public void one(int number) throws Exception {
            Stat stat = new Stat();
            checkSize(zk.getData(path, false, stat).length, stat);
        }

        @Override
        public void ask(int number, Window window, Object context) {
            zk.getData(path, false, (DataCallback) (code, where, given, data, stat) -> {
                Common.must("getData", code);
                checkSize(data.length, stat);
                window.answered(given);
            }, context);
        }
    }

    private final class Set implements Operation {
        @Override
        public void one(int number) throws Exception {
            checkSize(size, zk.setData(path, value, -1));
        }

        @Override
        public void ask(int number, Window window, Object context) {
            zk.setData(path, value, -1, (StatCallback) (code, where, given, stat) -> {
                Common.must("setData", code);
                checkSize(size, stat);
                window.answered(given);
            }, context);
        }
    }

    private final class Create implements Operation {
        private void check(String made) {
            if (!made.startsWith(path)) {
                throw Common.fail("another node was created");
            }
        }

        @Override
        public void one(int number) throws Exception {
            check(zk.create(node(number), value, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));
        }

        @Override
        public void ask(int number, Window window, Object context) {
            zk.create(node(number), value, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT,
                    (StringCallback) (code, where, given, name) -> {
                        Common.must("create", code);
                        check(name);
                        window.answered(given);
                    }, context);
        }
    }

    private final class Delete implements Operation {
        @Override
        public void one(int number) throws Exception {
            zk.delete(node(number), -1);
        }

        @Override
        public void ask(int number, Window window, Object context) {
            zk.delete(node(number), -1, (VoidCallback) (code, where, given) -> {
                Common.must("delete", code);
                window.answered(given);
            }, context);
        }
    }

    private final class Children implements Operation {
        private void check(List<String> names) {
            if (names.size() != size) {
                throw Common.fail("another number of children");
            }
        }

        @Override
        public void one(int number) throws Exception {
            check(zk.getChildren(path, false));
        }

        @Override
        public void ask(int number, Window window, Object context) {
            zk.getChildren(path, false, (ChildrenCallback) (code, where, given, names) -> {
                Common.must("getChildren", code);
                check(names);
                window.answered(given);
            }, context);
        }
    }

    private final class Multi implements Operation {
        private final List<Op> writes = new ArrayList<>();

        Multi() {
            for (int i = 0; i < TOGETHER; i++) {
                writes.add(Op.setData(path, value, -1));
            }
        }

        private void check(List<OpResult> results) {
            if (results.size() != TOGETHER) {
                throw Common.fail("another number of results");
            }
            for (OpResult result : results) {
                checkSize(size, ((OpResult.SetDataResult) result).getStat());
            }
        }

        @Override
        public void one(int number) throws Exception {
            check(zk.multi(writes));
        }

        @Override
        public void ask(int number, Window window, Object context) {
            zk.multi(writes, (MultiCallback) (code, where, given, results) -> {
                Common.must("multi", code);
                check(results);
                window.answered(given);
            }, context);
        }
    }
}
