/** A server with a shutdown hook, which is how Java programs learn of SIGTERM. */
public final class Server {
    private Server() {
    }

    public static void main(String[] args) throws InterruptedException {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("shutdown hook ran")));
        System.out.println("server ready");
        Thread.sleep(Long.MAX_VALUE);
    }
}
