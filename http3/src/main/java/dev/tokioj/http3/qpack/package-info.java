/** QPACK (RFC 9204): field compression for HTTP/3. Knows nothing of HTTP/3's frames and streams. */
@NullMarked
package dev.tokioj.http3.qpack;

import org.jspecify.annotations.NullMarked;
