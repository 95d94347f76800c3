package dev.tokioj.house;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;

/** The production classes that the rules are asked of, read once. */
final class House {
    /** The sans-IO cores. */
    static final String[] CORES = {"dev.tokioj.tls..", "dev.tokioj.quic..", "dev.tokioj.http3.."};

    static final String[] CORES_AND_RUNTIME = {
        "dev.tokioj.tls..", "dev.tokioj.quic..", "dev.tokioj.http3..", "dev.tokioj.runtime.."
    };

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.tokioj");

    private House() {}

    static JavaClasses classes() {
        // A rule over nothing holds always: a class path that lost the house must not pass.
        if (CLASSES.size() < 50) {
            throw new IllegalStateException("only " + CLASSES.size() + " classes of dev.tokioj on the class path");
        }
        return CLASSES;
    }
}
