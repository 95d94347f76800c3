/** The {@code tokioj} command. */
module dev.tokioj.cli {
    requires static org.jspecify;
    // Only where a development certificate is made, by a class loader of its own.
    requires static org.bouncycastle.pkix;
    requires static org.bouncycastle.provider;
    requires dev.tokioj.net;
    requires org.apache.commons.cli;
    requires java.management;
    requires jdk.management;
    // For a signal of its own.
    requires jdk.unsupported;
}
