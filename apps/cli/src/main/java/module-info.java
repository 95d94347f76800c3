/** The {@code tokioj} command. */
module dev.tokioj.cli {
    requires static org.jspecify;
    requires dev.tokioj.net;
    requires info.picocli;
    requires java.management;
    requires jdk.management;
    requires org.bouncycastle.pkix;
    requires org.bouncycastle.provider;

    opens dev.tokioj.cli to
            info.picocli;
}
