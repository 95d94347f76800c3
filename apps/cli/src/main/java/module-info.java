/** The {@code tokioj} command. */
module dev.tokioj.cli {
    requires static org.jspecify;
    requires dev.tokioj.net;
    requires info.picocli;
    requires org.bouncycastle.provider;
    requires org.bouncycastle.pkix;
}
