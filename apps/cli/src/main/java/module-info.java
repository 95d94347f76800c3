/** The {@code tokioj} command. */
module dev.tokioj.cli {
    requires static org.jspecify;
    requires dev.tokioj.net;
    requires java.management;
    requires jdk.management;
}
