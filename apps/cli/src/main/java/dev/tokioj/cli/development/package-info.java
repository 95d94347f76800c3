/** What makes a development certificate: apart, because it runs in a class loader of its own. */
@NullMarked
package dev.tokioj.cli.development;

import org.jspecify.annotations.NullMarked;
