package dev.tokioj.house;

import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import org.junit.jupiter.api.Test;

/** The arrows between rooms point one way. */
final class LayeringTest {
    private static final JavaClasses HOUSE = House.classes();

    @Test
    void roomsDependOnlyOnTheRoomsBelowThem() {
        layeredArchitecture()
                .consideringOnlyDependenciesInAnyPackage("dev.tokioj..")
                .layer("runtime")
                .definedBy("dev.tokioj.runtime..")
                .layer("tls")
                .definedBy("dev.tokioj.tls..")
                .layer("quic")
                .definedBy("dev.tokioj.quic..")
                .layer("http3")
                .definedBy("dev.tokioj.http3..")
                .layer("net")
                .definedBy("dev.tokioj.net..")
                .layer("cli")
                .definedBy("dev.tokioj.cli..")
                .layer("metrics")
                .definedBy("dev.tokioj.metrics..")
                .layer("sim")
                .definedBy("dev.tokioj.sim..")
                .whereLayer("runtime")
                .mayNotAccessAnyLayer()
                .whereLayer("tls")
                .mayNotAccessAnyLayer()
                .whereLayer("quic")
                .mayOnlyAccessLayers("tls")
                .whereLayer("http3")
                .mayOnlyAccessLayers("quic", "tls")
                .whereLayer("net")
                .mayOnlyAccessLayers("runtime", "tls", "quic", "http3")
                .whereLayer("cli")
                .mayOnlyAccessLayers("runtime", "tls", "quic", "http3", "net")
                .whereLayer("metrics")
                .mayOnlyAccessLayers("runtime", "net")
                .whereLayer("sim")
                .mayOnlyAccessLayers("tls", "quic", "http3")
                .check(HOUSE);
    }

    @Test
    void coresDependOnTheJdkAlone() {
        ArchRuleDefinition.classes()
                .that()
                .resideInAnyPackage(House.CORES_AND_RUNTIME)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "dev.tokioj..",
                        "java..",
                        "javax.crypto..",
                        "javax.net.ssl..",
                        "javax.security..",
                        "jdk.jfr..",
                        "jdk.net..",
                        "org.jspecify..")
                .check(HOUSE);
    }

    @Test
    void packagesOfTheWireAndOfRecoveryKnowNothingAboveThem() {
        ArchRuleDefinition.noClasses()
                .that()
                .resideInAnyPackage("dev.tokioj.quic.wire..", "dev.tokioj.quic.crypto..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "dev.tokioj.quic.recovery..",
                        "dev.tokioj.quic.stream..",
                        "dev.tokioj.quic.path..",
                        "dev.tokioj.quic.connection..",
                        "dev.tokioj.quic.endpoint..")
                .check(HOUSE);
        ArchRuleDefinition.noClasses()
                .that()
                .resideInAnyPackage("dev.tokioj.quic.recovery..", "dev.tokioj.quic.stream..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.tokioj.quic.connection..", "dev.tokioj.quic.endpoint..")
                .check(HOUSE);
    }

    @Test
    void noRoomHasACycleOfRooms() {
        slices().matching("dev.tokioj.(*)..").should().beFreeOfCycles().check(HOUSE);
    }
}
