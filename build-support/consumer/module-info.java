/** The same program as a module. */
module consumer {
    requires dev.tokioj.net;
}
