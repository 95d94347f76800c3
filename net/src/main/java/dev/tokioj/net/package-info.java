@NullMarked
package dev.tokioj.net;

import org.jspecify.annotations.NullMarked;
