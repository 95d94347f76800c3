package dev.tokioj.http3;

/** Which side of the connection we are. */
enum Role {
    CLIENT,
    SERVER
}
