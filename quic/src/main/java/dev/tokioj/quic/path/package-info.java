/** Network paths: their validation, limits and connection IDs (RFC 9000 5.1, 8, 9). */
@NullMarked
package dev.tokioj.quic.path;

import org.jspecify.annotations.NullMarked;
