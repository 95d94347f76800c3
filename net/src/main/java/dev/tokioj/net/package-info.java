/** The public API: QUIC and HTTP/3 clients and servers, their connections, streams, requests and exceptions. */
@NullMarked
package dev.tokioj.net;

import org.jspecify.annotations.NullMarked;
